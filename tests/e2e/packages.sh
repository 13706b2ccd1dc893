# What the play needs of Debian; run fetches it, inside installs it.

PACKAGES=(
  icinga2 nagios4-core nagios-nrpe-server nagios-nrpe-plugin monitoring-plugins-basic
  postfix bsd-mailx postgrey rsyslog dnsmasq-base
  openssh-server openssh-client
  acl adduser iproute2 logrotate jq curl python3
)
