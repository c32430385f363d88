#!/usr/bin/env bash
# Puts beside the installed agent what it needs to run, and what tells scanners and lawyers what
# that is. Runs in the image's build stage.
#
#   collect.sh ROOT PROGRAM    PROGRAM as it is called inside ROOT
set -euo pipefail
root=$1 program=$1$2

# copy FILE: the file itself to the same path in ROOT, also where it is a link.
copy() { install -D --mode="$(stat -L -c %a "$1")" "$1" "$root$1"; }

# What the program is linked with, and the loader.
libraries() { ldd "$program" | awk '$2 == "=>" { print $3 } $1 ~ /^\// { print $1 }'; }

# package_of FILE: dpkg may know it by its path before or after /lib became a link to /usr/lib.
package_of() {
  local real
  real=$(realpath "$1")
  { dpkg-query -S "$real" || dpkg-query -S "${real#/usr}"; } 2>/dev/null | head -n 1 | cut -d: -f1 || true
}

# Scanners read what a package is from status.d; its licence goes with it.
describe() {
  local package=$1
  mkdir -p "$root/var/lib/dpkg/status.d"
  dpkg-query -s "$package" >"$root/var/lib/dpkg/status.d/$package"
  copy "/usr/share/doc/$package/copyright"
}

mapfile -t files < <(libraries)
files+=(/etc/ssl/certs/ca-certificates.crt)
for file in "${files[@]}"; do copy "$file"; done
{
  for file in "${files[@]}"; do package_of "$file"; done
  echo ca-certificates
} | sort -u | while read -r package; do describe "$package"; done

# Licences of the libraries that are linked in.
licences="$root/usr/share/doc/streamgauge"
mkdir -p "$licences"
cp LICENSE "$licences/"
prefix=$(tools/deps.sh --prefix)
if [[ -d $prefix/share/licenses ]]; then cp -r "$prefix/share/licenses" "$licences/"; fi

mkdir -p "$root/etc/streamgauge/config"
echo 'streamgauge:x:10001:10001::/nonexistent:/sbin/nologin' >"$root/etc/passwd"
echo 'streamgauge:x:10001:' >"$root/etc/group"
echo 'hosts: files dns' >"$root/etc/nsswitch.conf"

# It runs from these files alone.
chroot "$root" "$2" --version
