# Without flakes: nix-build, or `pkgs.callPackage` of nix/package.nix in a configuration.
{
  pkgs ? import <nixpkgs> { },
  tarball ? null,
  registry ? null,
}:

pkgs.callPackage ./nix/package.nix { inherit tarball registry; }
