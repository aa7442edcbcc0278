/** What a bare node container runs: makes cgroups writable, as the container engine does not, and becomes systemd. */
export const BOOT = `while read -r _ _ _ _ point options _; do
  case $point in /sys/fs/cgroup*) case $options in ro*) mount -o remount,rw,bind "$point" ;; esac ;; esac
done </proc/self/mountinfo
mount --make-rshared /
exec /sbin/init`;
