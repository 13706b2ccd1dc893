# Nagios.

load_nagios() {
  step "Nagios loads the shipped configuration without a warning"
  mkdir -p /e2e/nagios/results
  rm -rf /e2e/nagios/objects
  cp -r "$SHARE/nagios" /e2e/nagios/objects
  rm /e2e/nagios/objects/commands.cfg # the package has put it into /etc/nagios-plugins/config
  chown -R nagios:nagios /e2e/nagios
  loads_silently nagios4 -v /repo/tests/e2e/cores/nagios.cfg
}

start_nagios() {
  nagios4 -d /repo/tests/e2e/cores/nagios.cfg > /e2e/log/nagios 2>&1
  within 20 "Nagios's command pipe" test -p /e2e/nagios/nagios.cmd
}

restart_nagios() {
  kill "$(< /e2e/nagios/nagios.pid)"
  within 20 "Nagios's end" test ! -e /e2e/nagios/nagios.pid
  start_nagios
}

# nagios_checks HOST SERVICE: has the service checked now and waits for the result.
nagios_checks() {
  local now
  now=$(date +%s)
  printf '[%s] SCHEDULE_FORCED_SVC_CHECK;%s;%s;%s\n' "$now" "$1" "$2" "$now" > /e2e/nagios/nagios.cmd
  within 70 "Nagios's result of $1/$2" nagios_has "$1" "$2" "$now"
}

# nagios_has HOST SERVICE SECONDS: whether status.dat has a result that is not older.
nagios_has() {
  awk -F= -v host="$1" -v service="$2" -v since="$3" '
    /^servicestatus/ { h = s = "" }
    $1 ~ /^[ \t]*host_name$/ { h = $2 }
    $1 ~ /^[ \t]*service_description$/ { s = $2 }
    $1 ~ /^[ \t]*last_check$/ && h == host && s == service && $2 >= since { found = 1 }
    END { exit !found }' /e2e/nagios/status.dat 2>/dev/null
}

# A problem that lasts, with seconds for hours: notifications 1 to 3 go to the host's own team, the 4th to both.
escalations_reach_both_teams() {
  step "Nagios tells a host's own team three times, then both"
  local to=/e2e/escalation told
  mkdir -p $to/results
  cp -r /e2e/nagios/objects $to/
  sed -i -E 's/(notification_interval +)(60|240)$/\12/' $to/objects/escalations.cfg
  sed 's,/e2e/nagios/,/e2e/escalation/,; s,=/e2e/nagios,=/e2e/escalation,' /repo/tests/e2e/cores/nagios.cfg > $to/nagios.cfg
  printf '%s\n' interval_length=1 execute_service_checks=0 execute_host_checks=0 query_socket=$to/nagios.qh >> $to/nagios.cfg
  chown -R nagios:nagios $to
  nagios4 -d $to/nagios.cfg > /e2e/log/escalation 2>&1
  within 20 "Nagios's command pipe" test -p $to/nagios.cmd
  within 60 "the 4th notification" lasting_problem $to
  told=$(awk -F'[:;]' '/SERVICE NOTIFICATION/ { print $2 }' $to/nagios.log | head -5 | paste -sd' ' | tr -s ' ')
  [[ $told =~ ^\ ?web-admin\ web-admin\ web-admin\ (web-admin\ mail-admin|mail-admin\ web-admin)$ ]] || fail "told were: $told"
  printf 'told: %s\n' "$told"
  kill "$(< $to/nagios.pid)"
}

# Reports the problem once more; done when five contacts were told.
lasting_problem() {
  printf '[%s] PROCESS_SERVICE_CHECK_RESULT;web;memory;2;played\n' "$(date +%s)" > "$1/nagios.cmd"
  sleep 3
  [ "$(grep -c 'SERVICE NOTIFICATION' "$1/nagios.log")" -ge 5 ]
}
