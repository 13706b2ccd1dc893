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

# What a host that nobody can reach sends itself, with the rights that docs/passive.md gives it.
passive_agrees() {
  local host=far.lab.example service
  export ICINGA_API=https://monitor.lab.example:5665 ICINGA_USER=far ICINGA_CA=/var/lib/icinga2/certs/ca.crt
  export ICINGA_PASSWORD='with "quotes" and \'
  install -m 755 "$SHARE/passive/postmaster-send" /usr/local/bin/
  as_nagios /usr/local/bin/postmaster-send $host memory 600 "$PLUGINS/check_memory" -w 10% -c 5%
  as_nagios /usr/local/bin/postmaster-send $host mailq-blacklist 600 "$PLUGINS/check_mailq_blacklist" --log --no-data unknown -t 50
  for service in memory mailq-blacklist; do
    icinga_result $host $service > "/e2e/log/icinga-$host-$service"
    /repo/tests/e2e/cores/compare.py icinga "/e2e/expected/$service.json" < "/e2e/log/icinga-$host-$service" || fail "Icinga 2, $host!$service"
    printf 'Icinga 2  %-18s %-20s agrees\n' $host $service
  done
  says 3 'Icinga did not take it' as_nagios /usr/local/bin/postmaster-send local memory 600 "$PLUGINS/check_memory"
  says 3 'Icinga did not take it' as_nagios env ICINGA_PASSWORD=wrong /usr/local/bin/postmaster-send $host memory 600 "$PLUGINS/check_memory"
}

# Both cores tell the first group of each problem, by a mail that Postfix takes.
problems_are_mailed() {
  within 60 "Icinga's notification" grep -q "notification 'local!mailq-blacklist!postmaster-first' for user 'postmaster'" /var/log/icinga2/icinga2.log
  within 60 "Nagios's notification" grep -q 'SERVICE NOTIFICATION: mail-admin;mail;mailq-blacklist;CRITICAL;mail-about-service' /e2e/nagios/nagios.log
  within 60 "the mail itself" grep -q 'to=<postmaster@localhost>.*status=sent' /var/log/mail.log
  echo "problems are mailed to the first group"
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
