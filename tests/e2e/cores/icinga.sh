# Icinga 2, its agent and its API.

SHARE=/usr/share/doc/postmaster-plugins/examples/icinga

load_icinga() {
  step "Icinga 2 loads the shipped configuration without a warning"
  rm -rf /etc/icinga2/postmaster
  cp -r "$SHARE/icinga2" /etc/icinga2/postmaster
  cp /repo/tests/e2e/cores/icinga2.conf /etc/icinga2/icinga2.conf
  cp /repo/tests/e2e/cores/icinga2-hosts.conf /etc/icinga2/hosts.conf
  sed -i 's,^//const NodeName.*,const NodeName = "monitor.lab.example",' /etc/icinga2/constants.conf
  icinga2 api setup --cn monitor.lab.example > /e2e/log/icinga2-api-setup
  loads_silently icinga2 daemon -C
  refuses_slip 'vars.postmaster_via = "ssh"' "postmaster_via is 'ssh', write one of local, agent, nrpe, by_ssh, passive"
  refuses_slip 'vars.postmaster_checks = [ "memory" ]' "postmaster_checks has 'memory', write some of"
  refuses_slip 'vars.postmaster_checks = "check_memory"' 'postmaster_checks is no array, write \[ "check_memory" \]'
}

# refuses_slip LINE WORDS: a host with a misspelt variable is an error that says what to write.
refuses_slip() {
  printf 'object Host "slip" {\n import "play"\n %s\n}\n' "$1" > /etc/icinga2/postmaster/slip.conf
  ! icinga2 daemon -C > /e2e/log/slip 2>&1 || fail "Icinga takes $1"
  grep -q "host slip: $2" /e2e/log/slip || fail "$1: $(grep critical /e2e/log/slip)"
  rm /etc/icinga2/postmaster/slip.conf
}

# loads_silently COMMAND…: a check of a configuration that ends well and warns of nothing.
loads_silently() {
  "$@" > /e2e/log/load 2>&1 && ! grep -v "${EXPECTED:-nothing of this kind}" /e2e/log/load | grep -E 'warning/|critical/|^Warning|^Error' ||
    fail "$*: $(grep -vE 'information/' /e2e/log/load | head -20)"
}

# certify NAME DATA: a certificate of the server's CA for the Icinga 2 NAME, where it looks for it in its data directory.
certify() {
  local certs=$2/certs
  mkdir -p "$certs"
  chown -R nagios:nagios "$2"
  icinga2 pki new-cert --cn "$1" --key "$certs/$1.key" --csr "$certs/$1.csr" > /dev/null
  icinga2 pki sign-csr --csr "$certs/$1.csr" --cert "$certs/$1.crt" > /dev/null
  cp /var/lib/icinga2/certs/ca.crt "$certs/"
  chown -R nagios:nagios "$2"
}

start_agent() {
  local data=/e2e/agent
  mkdir -p "$data/log" "$data/cache" "$data/spool" "$data/run"
  certify agent.lab.example "$data/data"
  chown -R nagios:nagios "$data"
  icinga2 daemon -c /repo/tests/e2e/cores/icinga2-agent.conf -DConfiguration.DataDir=$data/data -DConfiguration.LogDir=$data/log \
    -DConfiguration.CacheDir=$data/cache -DConfiguration.SpoolDir=$data/spool -DConfiguration.InitRunDir=$data/run \
    -DConfiguration.PidPath=$data/run/pid > /e2e/log/agent 2>&1 &
  AGENT=$!
  within 30 "the agent's port" port_is_open 5667
}

start_icinga() {
  start_agent
  run_init icinga2 start
  within 30 "Icinga's API" port_is_open 5665
  within 60 "the agent's connection" icinga_says true 'get_object(Endpoint, "agent.lab.example").connected'
}

restart_icinga() {
  kill "$AGENT"
  run_init icinga2 stop
  within 30 "the agent's end" agent_is_gone
  start_icinga
}

agent_is_gone() { ! port_is_open 5667; }

# api PATH JSON: a request to the running Icinga.
api() {
  curl -sSk -u play:play -H 'Accept: application/json' -X POST "https://127.0.0.1:5665/v1/$1" -d "$2"
}

# The value of an expression in the running Icinga.
icinga() { api console/execute-script "$(jq -n --arg command "$1" '{$command}')"; }

icinga_says() { [ "$(icinga "$2" 2>/dev/null | jq -r '.results[0].result')" = "$1" ]; }

# icinga_checks HOST SERVICE: has the service checked now and waits for the result.
icinga_checks() {
  local object="get_service(\"$1\", \"$2\")" last
  last=$(date +%s.%N)
  api actions/reschedule-check "$(jq -n --arg name "$1!$2" '{type: "Service", service: $name, force: true}')" |
    jq -e '.results | length == 1' > /dev/null || fail "Icinga has no service $1!$2"
  within 70 "Icinga's result of $1!$2" icinga_says true "$object.last_check_result && $object.last_check_result.execution_start >= $last"
}

# The last result of a service with Icinga's own reading of the perfdata.
icinga_result() {
  icinga "var result = get_service(\"$1\", \"$2\").last_check_result; {
    state = result.state, output = result.output, at = result.schedule_end,
    perfdata = result.performance_data.map(parse_performance_data) }"
}
