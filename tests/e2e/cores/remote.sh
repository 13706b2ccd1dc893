# The ways to another host that are not Icinga's own: NRPE and ssh, both to this machine.

start_nrpe() {
  sed -i 's/^server_address=.*//; s/^allowed_hosts=.*/allowed_hosts=127.0.0.0\/8/' /etc/nagios/nrpe.cfg
  run_init nagios-nrpe-server start
  within 20 "NRPE's port" port_is_open 5666
}

restart_nrpe() {
  run_init nagios-nrpe-server restart
  within 20 "NRPE's port" port_is_open 5666
}

start_ssh() {
  local home
  home=$(getent passwd nagios | cut -d: -f6)
  mkdir -p "$home/.ssh" /run/sshd
  ssh-keygen -q -t ed25519 -N '' -f "$home/.ssh/id_ed25519"
  cp "$home/.ssh/id_ed25519.pub" "$home/.ssh/authorized_keys"
  usermod -s /bin/sh -p '*' nagios
  ssh-keygen -A > /dev/null
  /usr/sbin/sshd -o ListenAddress=127.0.0.1 -o UsePAM=no
  within 20 "sshd's port" port_is_open 22
  ssh-keyscan 127.0.0.1 > "$home/.ssh/known_hosts" 2>/dev/null
  chown -R nagios:nagios "$home/.ssh"
  chmod 700 "$home/.ssh"
}
