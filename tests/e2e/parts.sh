# All parts of the play, for inside and for the shell that --shell gives.

for part in say packages package access mail/servers memory cores/icinga cores/nagios cores/remote cores/services docs; do
  . "/repo/tests/e2e/$part.sh"
done
