complete -c check_postgrey_whitelist -s w -l warning -d 'WARNING when the number of senders to whitelist or ignore is outside this range' -r
complete -c check_postgrey_whitelist -s c -l critical -d 'CRITICAL when it is outside this range' -r
complete -c check_postgrey_whitelist -l min-attempts -d 'A sender counts from this many greylisted tries on' -r
complete -c check_postgrey_whitelist -l alert-on -d 'Count all such senders, or only those whose verdict is not "leave"' -r -f -a "all\t'All with enough tries'
hurt\t'Those that greylisting hurts or may hurt'"
complete -c check_postgrey_whitelist -l group-by -d 'Make senders of hosts: domain, strip:N (cut N labels off the front) or host' -r
complete -c check_postgrey_whitelist -l whitelist -d 'Postgrey\'s client whitelist, instead of those in /etc/postgrey and /etc/postfix; may be given several times' -r -F
complete -c check_postgrey_whitelist -l ignore -d 'Senders not to report, one domain a line or any form of the whitelist [default: /etc/nagios-plugins/postgrey_no_whitelist]; may be given several times' -r -F
complete -c check_postgrey_whitelist -l state -d 'Remember here what was read of the logs, so that the next run reads only what is new; in a directory that only this user can write' -r -F
complete -c check_postgrey_whitelist -l window -d 'Look this far back: a number and s, m, h, d or w; or all' -r
complete -c check_postgrey_whitelist -l no-data -d 'The state when the log is missing lines: none of the program\'s, none of the last 24 hours, or not the whole window' -r
complete -c check_postgrey_whitelist -l now -d 'Judge as of this time: 2026-11-21T08:20:00Z, "2026-11-21 08:20:00" (local), 2026-11-21 or @SECONDS' -r
complete -c check_postgrey_whitelist -s t -l timeout -d 'Give up after this many seconds; keep it below the time limit of the transport (check_nrpe and check_by_ssh: 10)' -r
complete -c check_postgrey_whitelist -l format -d 'Print the output in this form' -r -f -a "text\t'Status line and perfdata'
json\t'The facts as JSON'"
complete -c check_postgrey_whitelist -l suggest-form -d 'The form of these lines' -r -f -a "regex\t'An anchored regular expression'
name\t'The plain name, which covers all below it'"
complete -c check_postgrey_whitelist -l journal -d 'Read this machine\'s journal instead of a mail log; without this it is read where there is no mail log, or where it goes on behind the mail log\'s end'
complete -c check_postgrey_whitelist -s v -l verbose -d 'Say more: -v the list always, -vv how it was computed, -vvv everything'
complete -c check_postgrey_whitelist -s q -l quiet -d 'Print nothing when the state is OK (for cron)'
complete -c check_postgrey_whitelist -l report -d 'Print a report for people'
complete -c check_postgrey_whitelist -l diagnose -d 'Print what this user can and cannot read on this host, and the command that mends each'
complete -c check_postgrey_whitelist -l suggest -d 'Print lines for Postgrey\'s whitelist_clients.local; do not append them where the exit status is 3: something is missing'
complete -c check_postgrey_whitelist -s h -l help -d 'Print help (see more with \'--help\')'
complete -c check_postgrey_whitelist -s V -l version -d 'Print version'
