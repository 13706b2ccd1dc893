# The mail server: DNS, other people's servers, rsyslog, Postfix, Postgrey, each as Debian runs it, without systemd.

start_mail_server() {
  step "starts rsyslog, Postfix and Postgrey, and the servers that refuse our mail"
  printf 'nameserver 127.0.0.1\n' > /etc/resolv.conf
  dnsmasq --conf-file=/repo/tests/e2e/mail/dnsmasq.conf
  python3 /repo/tests/e2e/mail/peers.py &

  # No kernel log in here: it is not ours to read.
  sed -i '/imklog/d' /etc/rsyslog.conf
  old_log
  rsyslogd
  within 10 "rsyslog's socket" test -S /dev/log

  cp /repo/tests/e2e/mail/main.cf /etc/postfix/main.cf
  printf 'mail.lab.example\n' > /etc/mailname
  postconf -F '*/*/chroot = n'
  postfix -q start 2>/dev/null || postfix start
  printf 'POSTGREY_OPTS="--inet=127.0.0.1:10023 --delay=2"\n' > /etc/default/postgrey
  run_init postgrey start
  within 20 "Postgrey's port" port_is_open 10023
  within 20 "Postfix's port" port_is_open 25
  within 20 "a refusing server" port_is_open 25 127.0.2.5
}

# A server that has been up for a while has a log from before: without one the plugins say, rightly, that the log is too young.
old_log() {
  printf '%s mail postfix/master[812]: daemon started -- version 3.7.11, configuration /etc/postfix\n' "$(date -d '-8 days' +%FT%T.%6N%:z)" \
    > /var/log/mail.log.1
  chown root:adm /var/log/mail.log.1
  chmod 640 /var/log/mail.log.1
}

play_mail() {
  step "plays greylisted mail through Postfix and Postgrey, and mail of ours that others refuse"
  play greylisted /e2e/expected/postgrey-whitelist.json
  play refused /e2e/expected/mailq-blacklist.json
}

play() { python3 /repo/tests/e2e/mail/play.py "$@"; }

run_init() { "/etc/init.d/$1" "$2" > "/e2e/log/$1-$2" 2>&1 || fail "/etc/init.d/$1 $2: $(tail -3 "/e2e/log/$1-$2")"; }

port_is_open() { (: < "/dev/tcp/${2:-127.0.0.1}/$1") 2>/dev/null; }
