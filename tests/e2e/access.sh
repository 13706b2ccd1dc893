# What user nagios may read, and whether the plugins' own words mend it (docs/access.md).

PLUGINS=/usr/lib/nagios/plugins

as_nagios() { setpriv --reuid nagios --regid nagios --init-groups "$@"; }

# says STATUS PATTERN COMMAND…: the command exits so, and its first line fits.
says() {
  local status=0 output wanted=$1 pattern=$2
  shift 2
  output=$("$@" 2>&1) || status=$?
  [[ $status = "$wanted" && ${output%%$'\n'*} =~ $pattern ]] || fail "$*: exit $status, $output"
}

# fix_of PATTERN COMMAND…: the command that the plugin's first line names as the fix, where it fits.
fix_of() {
  local pattern=$1
  shift
  { "$@" 2>&1 || true; } | head -1 | grep -oE "$pattern" || fail "$* names no fix like $pattern"
}

# The log belongs to root:adm, the queue to those in authorized_mailq_users. Each plugin says what is missing, in a core too, and what it
# says is done to the letter.
mend_access() {
  local log="$PLUGINS/check_postgrey_whitelist --alert-on hurt --no-data unknown" queue="$PLUGINS/check_mailq_blacklist" fix
  id -nG nagios | grep -qw adm && fail "user nagios is in group adm already"
  says 3 'permission denied for user nagios \(the file is root:adm 0640\)' as_nagios $log
  icinga_checks local postgrey-whitelist
  icinga_says 3 'get_service("local", "postgrey-whitelist").last_check_result.state' || fail "Icinga does not say UNKNOWN"
  fix=$(fix_of 'adduser [a-z]+ [a-z]+' as_nagios $log)
  $fix > /dev/null
  printf 'done as told: %s\n' "$fix"

  icinga_checks local postgrey-whitelist
  icinga_says true 'get_service("local", "postgrey-whitelist").last_check_result.output.contains("restart the monitoring daemon")' ||
    fail "after the group was given, the running Icinga does not ask for a restart"
  restart_daemons

  postconf -e 'authorized_mailq_users = root'
  postfix reload 2>/dev/null
  says 3 'may not view the queue' as_nagios $queue
  fix=$(fix_of "postconf -e '[^']+'" as_nagios $queue)
  eval "$fix"
  printf 'done as told: %s\n' "$fix"
  says 2 '11 messages refused' as_nagios $queue --log
}
