# As much of nixpkgs' stdenv as nix/package.nix uses, with the programs of this machine.


runHook() { :; }

substituteInPlace() {
  [ "$2" = --replace-fail ] && grep --quiet --fixed-strings -- "$3" "$1" || exit 1
  node -e 'const {readFileSync, writeFileSync} = require("fs")
    const [file, from, to] = process.argv.slice(1)
    writeFileSync(file, readFileSync(file, "utf8").replaceAll(from, () => to))' "$1" "$3" "$4"
}

installManPage() {
  mkdir -p "$out/share/man/man1"
  cp "$1" "$out/share/man/man1"
}

installShellCompletion() {
  [ "$1 $3 $5 $7" = '--cmd --bash --zsh --fish' ] || exit 1
  mkdir -p "$out/share/completion"
  cp "$4" "$6" "$8" "$out/share/completion"
}

cd "$TMPDIR"
export HOME=$TMPDIR
if [ -z "${dontUnpack:-}" ]; then
  cp --recursive --no-preserve=mode "$src" source
  cd source
fi
# As npmConfigHook leaves it.
[ -z "${npmDeps:-}" ] || sed -i 's|\("esbuild": "\)|\1file:/nix/store/|' package.json
# Parents stand before what is nested in them, which is copied along.
for library in ${npmDeps:-}; do
  path=node_modules/${library#*/node_modules/}
  [ -e "$path" ] || { mkdir -p "$(dirname "$path")" && cp --recursive "$library" "$path"; }
done
for phase in "${buildPhase:-}" "$installPhase" "${doInstallCheck:+$installCheckPhase}"; do
  eval "$phase"
done
