# The configuration in docs/: every block whose first line names a file is loaded by the program that it is for.

# docs_into DIRECTORY PAGE LANGUAGE: writes the page's blocks of that language to the files that they name.
docs_into() {
  awk -v directory="$1" -v language="$3" '
    /^```/ && file { close(file); file = ""; next }
    /^```/ && $1 == "```" language && NF == 2 {
      file = directory "/" $2
      folder = file; sub("/[^/]*$", "", folder)
      system("mkdir -p " folder)
      printf "" > file
      next
    }
    file { print > file }' "/repo/docs/$2.md"
  [ -d "$1" ] || fail "docs/$2.md has no configuration for $3"
}

load_docs() {
  step "the configuration in the docs loads as well"
  local page role
  for page in icinga2 passive remote-memory; do
    docs_into "/e2e/docs/$page" "$page" icinga2
    icinga_loads "$page" monitor.lab.example "/e2e/docs/$page"
  done
  docs_into /e2e/docs/fleet fleet icinga2
  icinga_loads "fleet, master" master.example.org /e2e/docs/fleet/master
  icinga_loads "fleet, satellite" satellite.berlin.example.org /e2e/docs/fleet/satellite
  icinga_loads "fleet, agent" mail1.example.org /e2e/docs/fleet/agent
  nagios_docs
  nrpe_docs
}

# icinga_loads WHAT NAME DIRECTORY: as the Icinga 2 NAME, with the files of a page below a configuration directory of its own. A page
# about zones brings zones.conf; its shipped files are then in the global zone, else in conf.d.
icinga_loads() {
  local what=$1 name=$2 config=$3 shipped
  shipped=$config/conf.d/postmaster
  [ ! -e "$config/zones.conf" ] || shipped=$config/zones.d/global-templates
  mkdir -p "$shipped" "$config/conf.d" "$config/features-enabled"
  cp "$SHARE"/icinga2/*.conf "$shipped/"
  [ -e "$config/zones.conf" ] ||
    printf 'object Endpoint NodeName { }\nobject Zone ZoneName { endpoints = [ NodeName ] }\n' > "$config/zones.conf"
  {
    printf 'const NodeName = "%s"\nconst ZoneName = NodeName\nconst PluginDir = "%s"\n' "$name" "$PLUGINS"
    printf 'include <itl>\ninclude <plugins>\ninclude "zones.conf"\ninclude "features-enabled/*.conf"\ninclude_recursive "conf.d"\n'
    printf 'include "/etc/icinga2/conf.d/commands.conf"\ninclude "/etc/icinga2/conf.d/templates.conf"\n'
    printf 'include "/etc/icinga2/conf.d/timeperiods.conf"\nobject IcingaApplication "app" { }\n'
  } > "$config/icinga2.conf"
  chown -R nagios:nagios "$config"
  certify "$name" "$config/data"
  # A page shows some ways and not the others, whose rules then have no host.
  EXPECTED='does not match anywhere' loads_silently icinga2 daemon -C -c "$config/icinga2.conf" -DConfiguration.ConfigDir="$config" -DConfiguration.DataDir="$config/data" \
    -DConfiguration.ZonesDir="$config/zones.d"
  # A satellite or an agent has objects of its own only when its master sends them.
  printf 'loads: %s (%s)\n' "$what" "$({ grep -oE 'Instantiated [0-9]+ (Host|Service)s?\b' /e2e/log/load || true; } | paste -sd' ')"
}

nagios_docs() {
  docs_into /e2e/docs/nagios nagios nagios
  cp /e2e/docs/nagios/conf.d/*.cfg /e2e/nagios/objects/
  loads_silently nagios4 -v /repo/tests/e2e/cores/nagios.cfg
  rm /e2e/nagios/objects/one-more.cfg
  echo "loads: nagios"
}

# NRPE has no check of its configuration: it runs, and the command answers.
nrpe_docs() {
  docs_into /e2e/docs/nrpe remote-memory nrpe
  printf 'pid_file=/e2e/docs/nrpe.pid\nserver_port=5999\nserver_address=127.0.0.1\nnrpe_user=nagios\nnrpe_group=nagios\ninclude_dir=/e2e/docs/nrpe/nrpe.d\n' \
    > /e2e/docs/nrpe.cfg
  nrpe -c /e2e/docs/nrpe.cfg -d
  within 20 "NRPE's port" port_is_open 5999
  "$PLUGINS/check_nrpe" -H 127.0.0.1 -p 5999 -c check_memory > /e2e/log/nrpe-docs || true
  grep -q '^CHECK_MEMORY [OWC]' /e2e/log/nrpe-docs || fail "NRPE says: $(< /e2e/log/nrpe-docs)"
  echo "answers: the NRPE command of remote-memory"
}

# Rotates the real log: rsyslog goes on writing, and user nagios reads the new file without any group.
logrotate_docs() {
  step "the logrotate configuration in the docs"
  docs_into /e2e/docs/logrotate access logrotate
  chown root:root /e2e/docs/logrotate/*
  chmod 644 /e2e/docs/logrotate/*
  logrotate -f /e2e/docs/logrotate/mail-log || fail "logrotate does not take the configuration in docs/access.md"
  kill -HUP "$(< /run/rsyslogd.pid)" # what rsyslog-rotate does where there is systemd
  logger -p mail.info -t e2e "written after the rotation"
  within 10 "rsyslog's line after the rotation" grep -q 'written after the rotation' /var/log/mail.log
  setpriv --reuid nagios --regid nagios --clear-groups head -1 /var/log/mail.log > /dev/null || fail "user nagios cannot read the rotated log"
  [ "$(stat -c '%U:%G' /var/log/mail.log)" = root:adm ] || fail "the log's owner has changed"
  echo "rotates: rsyslog writes and nagios reads"
}
