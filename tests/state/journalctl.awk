# A journalctl for tests. The journal is a table, an entry a line, in the order in which they were received; tabs between the fields:
#
#   number  times (received, spoken)  boot  the id of the numbers  identifier  message
#
# What is asked is in ARGV, as journalctl has it. A cursor whose entry is gone stands for the next one that is there. One line of a range
# that is not read backwards is its first, and there is none before a time (systemd 252).
BEGIN {
  FS = "\t"
  for (n = 2; n < ARGC; n++) {
    split(ARGV[n], part, "=")
    value = substr(ARGV[n], length(part[1]) + 2)
    if (part[1] == "--reverse") reverse = 1
    if (part[1] == "--since") since = substr(value, 2) * 1000000
    if (part[1] == "--until") until = substr(value, 2) * 1000000
    if (part[1] == "--lines") lines = value
    if (part[1] == "--cursor") cursor = value
    if (part[1] == "SYSLOG_IDENTIFIER") { matches = 1; wanted[value] = 1 }
  }
  begun = since == "" && cursor == ""
  if (cursor != "") {
    split(cursor, part, ";")
    for (n in part) { split(part[n], pair, "="); at[pair[1]] = pair[2] }
  }
  while ((getline < ARGV[1]) > 0) {
    if (until != "" && $2 > until) break
    if (since != "" && $2 >= since) begun = 1
    if (cursor != "" && ($5 == at["s"] ? $1 + 0 >= at["i"] + 0 : $2 >= at["t"] + 0)) begun = 1
    if (!begun || matches && !($6 in wanted)) continue
    entry = sprintf("__CURSOR=s=%s;i=%s;t=%s\n__REALTIME_TIMESTAMP=%s\n_BOOT_ID=%s\n_HOSTNAME=mx\nSYSLOG_IDENTIFIER=%s\nSYSLOG_PID=7\nMESSAGE=%s\n_SOURCE_REALTIME_TIMESTAMP=%s\n\n", $5, $1, $2, $2, $4, $6, $7, $3)
    if (lines == "") printf "%s", entry
    if (lines != "" && !reverse && since != "") break
  }
  if (lines != "" && (reverse || until == "")) printf "%s", entry
}
