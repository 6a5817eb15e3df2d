# What `npm ci`, `npm run demo` and `npm test` need on NixOS: nix develop, or nix-shell.
{
  pkgs ? import <nixpkgs> { },
}:

pkgs.mkShell {
  packages = [
    pkgs.nodejs_24
    pkgs.postgresql
    pkgs.biome
    pkgs.python3
    pkgs.util-linux
  ];

  # npm brings programs that are linked for other distributions. The package `node` would even put
  # its own before the one above: it does so by a script, and without scripts there is none.
  npm_config_ignore_scripts = "true";
  # The launcher of @biomejs/biome starts this one.
  BIOME_BINARY = "${pkgs.biome}/bin/biome";
}
