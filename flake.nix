{
  description = "Finds out why a Django deployment on a systemd host is broken";

  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";

  outputs =
    { self, nixpkgs }:
    let
      each =
        made:
        nixpkgs.lib.genAttrs [
          "x86_64-linux"
          "aarch64-linux"
        ] (system: made nixpkgs.legacyPackages.${system});
    in
    {
      overlays.default = final: _: { prism-doctor = final.callPackage ./nix/package.nix { }; };

      packages = each (pkgs: { default = pkgs.callPackage ./nix/package.nix { }; });

      nixosModules.default = ./nix/module.nix;

      checks = each (
        pkgs:
        let
          host = nixpkgs.lib.nixosSystem {
            modules = [
              self.nixosModules.default
              {
                nixpkgs.hostPlatform = pkgs.stdenv.hostPlatform.system;
                system.stateVersion = nixpkgs.lib.trivial.release;
                services.prism-doctor = {
                  enable = true;
                  unit = "prism-django.service";
                };
              }
            ];
          };
        in
        {
          package = self.packages.${pkgs.stdenv.hostPlatform.system}.default;
          configuration = host.config.environment.etc."prism-doctor/config.toml".source;
          service = host.config.systemd.units."prism-doctor.service".unit;
          timer = host.config.systemd.units."prism-doctor.timer".unit;
        }
      );

      devShells = each (pkgs: { default = import ./shell.nix { inherit pkgs; }; });

      formatter = each (pkgs: pkgs.nixfmt);
    };
}
