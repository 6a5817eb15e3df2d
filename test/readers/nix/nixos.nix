# What NixOS makes of a configuration with nix/module.nix, as data.
#
# lib: nixpkgs' or ours. pkgs: unless given, packages that only have names. Options are declared and
# units are written as in nixpkgs' nixos/lib/systemd-unit-options.nix and systemd-lib.nix.
{
  lib,
  pkgs ? {
    prism-doctor = {
      type = "derivation";
      name = "prism-doctor";
      outPath = "/nix/store/00000000000000000000000000000000-prism-doctor";
    };
    formats.toml = _: {
      type = lib.types.attrsOf lib.types.anything;
      generate = _: value: { inherit value; };
    };
    runCommand =
      _: attributes: _:
      attributes;
  },
}:

configuration:

let
  inherit (lib) mkOption types;

  optional = type: default: mkOption { inherit type default; };
  strings = optional (types.listOf types.str) [ ];
  sections = optional (types.attrsOf types.anything) { };

  units =
    section: more:
    optional (types.attrsOf (
      types.submodule {
        options = {
          description = optional types.str "";
          documentation = strings;
          after = strings;
          wants = strings;
          onFailure = strings;
          wantedBy = strings;
          unitConfig = sections;
          ${section} = sections;
        }
        // more;
      }
    )) { };

  declared = {
    options = {
      assertions = optional (types.listOf types.anything) [ ];
      warnings = strings;
      environment.systemPackages = optional (types.listOf types.raw) [ ];
      environment.etc = optional (types.attrsOf (
        types.submodule { options.source = mkOption { type = types.raw; }; }
      )) { };
      services.prometheus.exporters.node = {
        enable = optional types.bool false;
        extraFlags = strings;
        disabledCollectors = strings;
      };
      systemd.services = units "serviceConfig" {
        environment = sections;
        restartIfChanged = optional types.bool true;
      };
      systemd.timers = units "timerConfig" { };
      systemd.tmpfiles.rules = strings;
      nixpkgs.hostPlatform = optional types.raw null;
      system.stateVersion = optional types.raw null;
    };
  };

  inherit
    (lib.evalModules {
      modules = [
        declared
        ../../../nix/module.nix
        configuration
      ];
      specialArgs = { inherit pkgs; };
    })
    config
    ;

  boolean = value: if value == true then "true" else if value == false then "false" else toString value;
  lines =
    section:
    lib.concatMap (
      name:
      map (value: "${name}=${boolean value}") (
        if lib.isList section.${name} then section.${name} else [ section.${name} ]
      )
    ) (lib.attrNames section);

  given = lib.filterAttrs (_: value: value != "");
  text =
    unit: name: section:
    lib.concatStringsSep "\n" (
      [ "[Unit]" ]
      ++ lines (
        unit.unitConfig
        // given {
          Description = unit.description;
          Documentation = toString unit.documentation;
          After = toString unit.after;
          Wants = toString unit.wants;
          OnFailure = toString unit.onFailure;
        }
      )
      ++ [
        ""
        "[${name}]"
      ]
      ++ section
      ++ lib.optionals (unit.wantedBy != [ ]) [
        ""
        "[Install]"
        "WantedBy=${toString unit.wantedBy}"
      ]
      ++ [ "" ]
    );

  service =
    unit:
    text unit "Service" (
      map (name: "Environment=${builtins.toJSON "${name}=${unit.environment.${name}}"}") (
        lib.attrNames unit.environment
      )
      ++ lib.optional (!unit.restartIfChanged) "X-RestartIfChanged=false"
      ++ lines unit.serviceConfig
    );

  files =
    lib.mapAttrs' (name: unit: {
      name = "${name}.service";
      value = service unit;
    }) config.systemd.services
    // lib.mapAttrs' (name: unit: {
      name = "${name}.timer";
      value = text unit "Timer" (lines unit.timerConfig);
    }) config.systemd.timers;

  isEnabled = config.services.prism-doctor.enable;
  inherit (config.environment.etc."prism-doctor/config.toml") source;
in
{
  # What nixosSystem would return, as far as flake.nix looks at it.
  host.config = config // {
    systemd.units = lib.mapAttrs (_: unit: { inherit unit; }) files;
  };

  inherit (config.services.prism-doctor) settings;

  data = {
    inherit files;
    inherit (config) warnings;
    failed = map (assertion: assertion.message) (
      lib.filter (assertion: !assertion.assertion) config.assertions
    );
    directories = config.systemd.tmpfiles.rules;
    packages = map (package: package.name) config.environment.systemPackages;
    configuration = if isEnabled then source.value or source.configuration.value else null;
  };
}
