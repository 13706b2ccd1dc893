complete -c check_memory -s w -l warning -d 'Warn when less than this is free (or more is used, with --metric used)' -r
complete -c check_memory -s c -l critical -d 'Critical when less than this is free (or more is used, with --metric used)' -r
complete -c check_memory -s u -l unit -l units -d 'Show amounts in this unit: b, K, M or G (powers of 1024; perfdata is always in bytes)' -r
complete -c check_memory -l metric -d 'What -w and -c judge' -r -f -a "free\t'The memory that programs can get: little is bad'
used\t'The rest: much is bad'"
complete -c check_memory -l swap-warning -d 'Warn when less swap than this is free' -r
complete -c check_memory -l swap-critical -d 'Critical when less swap than this is free' -r
complete -c check_memory -l no-swap -d 'The state when swap is to be judged and there is none: ok, warning, critical or unknown' -r
complete -c check_memory -l pressure-warning -d 'Warn when all tasks waited for memory for more than this share of the last minute (PSI, full avg60)' -r
complete -c check_memory -l pressure-critical -d 'Critical when all tasks waited for memory for more than this share of the last minute' -r
complete -c check_memory -l cgroup -d 'Whose limit counts: auto (the container\'s own), none (the host\'s memory), or a cgroup such as /system.slice/x.service' -r
complete -c check_memory -l root -d 'The directory that holds proc and sys, where a container mounts the host\'s [default: /]' -r -F
complete -c check_memory -l top -d 'How many of the largest programs to name when the state is not OK or with -v; 0 for none' -r
complete -c check_memory -s t -l timeout -d 'Give up after this many seconds; keep it below the time limit of the transport (check_nrpe and check_by_ssh: 10)' -r
complete -c check_memory -l format -d 'Print the output in this form' -r -f -a "text\t'Status line and perfdata'
json\t'The facts as JSON'"
complete -c check_memory -l no-zfs-arc -d 'Do not count the part of the ZFS ARC as free that shrinks on demand'
complete -c check_memory -l exclude-hugepages -d 'Leave memory reserved for huge pages out of the total'
complete -c check_memory -s v -l verbose -d 'Say more: -v the list always, -vv how it was computed, -vvv everything'
complete -c check_memory -s q -l quiet -d 'Print nothing when the state is OK (for cron)'
complete -c check_memory -l report -d 'Print a report for people'
complete -c check_memory -l diagnose -d 'Print what this user can and cannot read on this host, and the command that mends each'
complete -c check_memory -s h -l help -d 'Print help (see more with \'--help\')'
complete -c check_memory -s V -l version -d 'Print version'
