# A machine that runs short of memory: its meminfo and vmstat lie over the real ones, and no cgroup has a limit.

play_memory() {
  step "plays a machine with 7.5 % of its memory free"
  mkdir -p /e2e/memory
  python3 /repo/tests/e2e/memory.py /e2e/memory /e2e/expected/memory.json
  mount --bind /e2e/memory/meminfo /proc/meminfo
  mount --bind /e2e/memory/vmstat /proc/vmstat
  mount -t tmpfs e2e /sys/fs/cgroup
}
