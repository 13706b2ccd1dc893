complete -c check_mailq_blacklist -s w -l warning -d 'WARNING when the number of refused messages is outside this range' -r
complete -c check_mailq_blacklist -s c -l critical -d 'CRITICAL when it is outside this range' -r
complete -c check_mailq_blacklist -l alarm -d 'The classes that count, as in blocklist,reputation; +auth adds one to, -rdns takes one from the default: blocklist, reputation, unexplained, rdns' -r
complete -c check_mailq_blacklist -l file -d 'Read a saved listing, - for standard input, instead of asking this machine\'s mail system' -r -F
complete -c check_mailq_blacklist -l config-dir -d 'Ask the Postfix instance with this configuration directory instead of all of them; may be given several times' -r -F
complete -c check_mailq_blacklist -l log-file -d 'Read this log, pattern or - for standard input too; may be given several times' -r -F
complete -c check_mailq_blacklist -l window -d 'Look this far back: a number and s, m, h, d or w; or all' -r
complete -c check_mailq_blacklist -l no-data -d 'The state when the log is missing lines: none of the program\'s, none of the last 24 hours, or not the whole window' -r
complete -c check_mailq_blacklist -l now -d 'Judge as of this time: 2026-11-21T08:20:00Z, "2026-11-21 08:20:00" (local), 2026-11-21 or @SECONDS' -r
complete -c check_mailq_blacklist -l rules -d 'Add to or override the rules that classify replies (see docs/replies.md)' -r -F
complete -c check_mailq_blacklist -l known -d 'Blocks that are known and do not count: one provider, list or rule a line, as in: Spamhaus PBL until 2026-12-01 # ticket 7' -r -F
complete -c check_mailq_blacklist -s t -l timeout -d 'Give up after this many seconds; keep it below the time limit of the transport (check_nrpe and check_by_ssh: 10)' -r
complete -c check_mailq_blacklist -l format -d 'Print the output in this form' -r -f -a "text\t'Status line and perfdata'
json\t'The facts as JSON'"
complete -c check_mailq_blacklist -l explain -d 'Classify one reply and say how; reads no queue and no log' -r
complete -c check_mailq_blacklist -l log -d 'Read this machine\'s mail log too: it knows what was refused for good and never waits in the queue'
complete -c check_mailq_blacklist -l journal -d 'Read this machine\'s journal instead of a mail log; without this it is read where there is no mail log, or where it goes on behind the mail log\'s end'
complete -c check_mailq_blacklist -s v -l verbose -d 'Say more: -v the list always, -vv how it was computed, -vvv everything'
complete -c check_mailq_blacklist -s q -l quiet -d 'Print nothing when the state is OK (for cron)'
complete -c check_mailq_blacklist -l report -d 'Print a report for people'
complete -c check_mailq_blacklist -l diagnose -d 'Print what this user can and cannot read on this host, and the command that mends each'
complete -c check_mailq_blacklist -s h -l help -d 'Print help (see more with \'--help\')'
complete -c check_mailq_blacklist -s V -l version -d 'Print version'
