# Nagios.

load_nagios() {
  step "Nagios loads the shipped configuration without a warning"
  mkdir -p /e2e/nagios/results
  rm -rf /e2e/nagios/objects
  cp -r "$SHARE/nagios" /e2e/nagios/objects
  mv /e2e/nagios/objects/commands.cfg /etc/nagios-plugins/config/postmaster.cfg
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
