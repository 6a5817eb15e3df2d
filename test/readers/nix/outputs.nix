# The outputs of flake.nix. nixosSystem is given nix/module.nix, and a configuration.
{ lib, pkgs }:

let
  systems = [
    "x86_64-linux"
    "aarch64-linux"
  ];

  nixpkgs = {
    lib = lib // {
      nixosSystem = { modules }: (import ./nixos.nix { inherit lib; } (lib.elemAt modules 1)).host;
    };
    legacyPackages = lib.genAttrs systems (_: pkgs);
  };

  flake = import ../../../flake.nix;
  self = flake.outputs { inherit self nixpkgs; };
in
self
