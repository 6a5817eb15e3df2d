# What nix/ takes from nixpkgs, made of this machine's programs.
#
# node: the directory above bin/node.
{
  lib,
  node,
  nodeVersion,
}:

let
  root = toString ../../..;

  run =
    name: attributes: command:
    derivation (
      {
        PATH = "${node}/bin:${builtins.getEnv "PATH"}";
      }
      // attributes
      // {
        inherit name command;
        system = builtins.currentSystem;
        builder = "/bin/sh";
        # Nix kills the builder as soon as nobody holds its output any more, and sometimes before it
        # has ended: so somebody holds it a little longer.
        args = [
          "-c"
          "bash -euo pipefail -c \"$command\" || exit; sleep 0.1 &"
        ];
      }
    );

  pkgs = {
    inherit lib;
    nodejs = {
      name = "nodejs";
      outPath = node;
      version = nodeVersion;
    };
    nodejs_24 = pkgs.nodejs;
    stdenv = {
      hostPlatform = {
        system = builtins.currentSystem;
        parsed.cpu.name = builtins.head (builtins.split "-" builtins.currentSystem);
      };
      mkDerivation =
        attributes:
        run "${attributes.pname}-${attributes.version}" (removeAttrs attributes [ "meta" ])
          "source ${./stdenv.sh}";
    };
    runCommand = run;
    callPackage =
      file: given:
      let
        package = import file;
      in
      package (builtins.intersectAttrs (builtins.functionArgs package) pkgs // given);
    mkShell = attributes: attributes;

    # The tests look at what it is given; stdenv.sh takes the libraries that it names from here.
    importNpmLock = {
      __functor =
        _: given:
        given
        // {
          outPath = toString (
            map (path: "${root}/${path}") (lib.remove "" (lib.attrNames given.packageLock.packages))
          );
        };
      npmConfigHook = named "npmConfigHook";
    };

    # What these tests only mention.
    installShellFiles = named "installShellFiles";
    curl = named "curl";
    cacert = named "cacert";
    postgresql = named "postgresql";
    biome = named "biome";
    python3 = named "python3";
    util-linux = named "util-linux";
    nixfmt = named "nixfmt";
  };

  named = name: {
    inherit name;
    outPath = "/nix/store/00000000000000000000000000000000-${name}";
  };
in
pkgs
