# The services, in both cores and by every way.

SERVICES="postgrey-whitelist mailq-blacklist memory"

# icinga_agrees HOST SERVICE / nagios_agrees HOST SERVICE: checks now and compares with what was played.
icinga_agrees() {
  icinga_checks "$1" "$2"
  icinga_result "$1" "$2" > "/e2e/log/icinga-$1-$2"
  /repo/tests/e2e/cores/compare.py icinga "/e2e/expected/$2.json" < "/e2e/log/icinga-$1-$2" || fail "Icinga 2, $1!$2"
  printf 'Icinga 2  %-18s %-20s agrees\n' "$1" "$2"
}

nagios_agrees() {
  nagios_checks "$1" "$2"
  /repo/tests/e2e/cores/compare.py nagios "/e2e/expected/$2.json" "$1" "$2" < /e2e/nagios/status.dat || fail "Nagios, $1/$2"
  printf 'Nagios    %-18s %-20s agrees\n' "$1" "$2"
}

all_agree() {
  local service host
  for service in $SERVICES; do
    for host in local agent.lab.example nrpe ssh; do icinga_agrees "$host" "$service"; done
    for host in mail mail2; do nagios_agrees "$host" "$service"; done
  done
}

restart_daemons() {
  restart_icinga
  restart_nagios
  restart_nrpe
}

# Takes the plugin's own line into Postgrey's whitelist: the sender passes at the first try, and the alarm ends in both cores.
whitelisting_ends_the_alarm() {
  local line service=postgrey-whitelist
  as_nagios "$PLUGINS/check_postgrey_whitelist" --alert-on hurt --suggest > /e2e/log/suggest || true
  line=$(grep -v '^#' /e2e/log/suggest | grep .)
  [ "$line" = '/^(.*\.)?sendgrid\.net$/' ] || fail "--suggest says: $(< /e2e/log/suggest)"
  printf 'taken into the whitelist: %s\n' "$line"
  cat /e2e/log/suggest >> /etc/postgrey/whitelist_clients.local
  kill -HUP "$(< /run/postgrey.pid)" # what the last line of --suggest does where there is systemd
  within 20 "a pass of the whitelisted sender" play passes o99.sendgrid.net 203.0.113.77
  play set-aside /e2e/expected/$service.json
  for host in local agent.lab.example nrpe ssh; do icinga_agrees "$host" $service; done
  for host in mail mail2; do nagios_agrees "$host" $service; done
}
