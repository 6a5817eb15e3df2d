# NixOS: services.prism-doctor. Import it by its path, or as nixosModules.default of the flake.
{
  config,
  lib,
  pkgs,
  ...
}:

let
  inherit (lib)
    filter
    mapAttrs
    mkIf
    mkOption
    optional
    types
    ;

  cfg = config.services.prism-doctor;
  toml = pkgs.formats.toml { };

  optionalOf =
    type: description:
    mkOption {
      type = types.nullOr type;
      default = null;
      inherit description;
    };

  filled = types.strMatching ".+";

  # A table of the configuration: the keys that this version knows, and those of newer ones.
  table =
    options:
    types.submodule {
      freeformType = toml.type;
      inherit options;
    };

  tableOf =
    description: options:
    mkOption {
      type = table options;
      default = { };
      inherit description;
    };

  waiver = types.submodule {
    options = {
      check = mkOption {
        type = types.str;
        example = "app/superuser";
        description = "The check that finds it.";
      };
      finding = optionalOf types.str ''
        The code of one finding, as `--json` names it. Unless it is given, all that the check finds.
      '';
      status = mkOption {
        type = types.enum [
          "warning"
          "critical"
        ];
        default = "warning";
        description = "How bad it may be and still be waived.";
      };
      reason = mkOption {
        type = types.str;
        # Without a default NixOS would say where it is missing, but not what for.
        default = "";
        example = "accounts come from LDAP";
        description = "Why it is all right. Every report says so.";
      };
      until = mkOption {
        type = types.strMatching "[0-9]{4}-[0-9]{2}-[0-9]{2}";
        example = "2026-12-31";
        description = "The last day on which the waiver counts.";
      };
    };
  };

  settings = table {
    unit = optionalOf types.str "The unit to diagnose. `services.prism-doctor.unit` sets it.";
    timeout = optionalOf (types.ints.between 1 3600) "Seconds for the whole run.";
    skip = optionalOf (types.listOf types.str) "Checks and groups to leave out.";
    checks = optionalOf (types.listOf types.path) "Modules with checks of your own.";
    target = tableOf "What would otherwise be found on the machine." {
      package = optionalOf types.path "Where the application is.";
      state_directory = optionalOf types.path "Where the application keeps its state.";
      static_root = optionalOf types.path "Where collectstatic puts files.";
      media_root = optionalOf types.path "Where uploads are.";
      bind = optionalOf filled "Where the server listens, like `127.0.0.1:8000`.";
      hosts = optionalOf (types.listOf filled) "Names that the application allows.";
    };
    django = tableOf "What is asked of the application." {
      ask = optionalOf types.bool "False runs nothing of the application.";
    };
    history = tableOf "What runs leave behind for the next one." {
      keep = optionalOf types.bool "False remembers nothing of what runs find.";
    };
    nixos = tableOf "What the remedies on NixOS name." {
      flake = optionalOf filled "The flake to rebuild, like `/etc/nixos#midship`.";
      secrets = optionalOf filled "The file that sops encrypts, like `secrets/secrets.yaml`.";
    };
    waiver = optionalOf (types.listOf waiver) ''
      Findings that no longer count. `services.prism-doctor.waivers` adds to them.
    '';
  };

  # TOML has no null, and a path is text to it, not a file to copy to the store.
  stated =
    value:
    if lib.isPath value then
      toString value
    else if lib.isList value then
      map stated value
    else if lib.isAttrs value && !(value ? outPath) then
      lib.filterAttrs (_: part: part != null && part != { }) (mapAttrs (_: stated) value)
    else
      value;

  program = "${cfg.package}/bin/prism-doctor";

  written = toml.generate "prism-doctor.toml" (stated cfg.settings);

  # The program reads the configuration while the system is built, before it looks at a recorded
  # machine: a mistake stops the build instead of the timer. Modules of your own are not there yet.
  judged =
    pkgs.runCommand "prism-doctor-config.toml"
      {
        configuration = written;
        machine = ../fixtures/healthy.json;
      }
      ''
        ${program} --config "$configuration" --unit prism-django.service --replay "$machine" --json \
          > report.json || true
        grep --quiet '^  "error": null' report.json
        cp "$configuration" "$out"
      '';

  textfile = toString cfg.textfileDirectory;
  page = toString cfg.html;
  directories =
    optional (cfg.textfileDirectory != null) textfile ++ optional (cfg.html != null) (dirOf page);

  # systemd makes this one before each run.
  state = "/var/lib/prism-doctor";

  # A run ends by itself then; systemd ends only one that hangs.
  timeout = if cfg.settings.timeout == null then 30 else cfg.settings.timeout;

  # The collector reads the directories that the exporter's flags name, and no other.
  exporter = config.services.prometheus.exporters.node;
  isCollected =
    exporter.enable
    && !lib.elem "textfile" exporter.disabledCollectors
    && lib.any (
      flag:
      lib.elem flag [
        "--collector.textfile.directory=${textfile}"
        "--collector.textfile.directory ${textfile}"
      ]
    ) exporter.extraFlags;

  odd = filter (path: builtins.match "[A-Za-z0-9/._+@-]+" path == null) (
    optional (cfg.textfileDirectory != null) textfile ++ optional (cfg.html != null) page
  );
  inStore = path: lib.hasPrefix "${builtins.storeDir}/" (toString path);
  isBlank = text: builtins.match "[[:space:]]*" text != null;
  waivers = if cfg.settings.waiver == null then [ ] else cfg.settings.waiver;
in
{
  options.services.prism-doctor = {
    enable = lib.mkEnableOption "prism-doctor, which diagnoses a Django deployment on a timer";

    package = mkOption {
      type = types.package;
      default = pkgs.prism-doctor or (pkgs.callPackage ./package.nix { });
      defaultText = lib.literalExpression "pkgs.callPackage ./package.nix { }";
      example = lib.literalExpression "pkgs.prism-doctor.override { tarball = ./prism-doctor.tgz; }";
      description = "The package that is run, and that is in everyone's PATH.";
    };

    unit = optionalOf types.str ''
      The unit to diagnose, like `prism-django.service`. Unless it is given, prism-doctor takes that
      one, or else the only unit that is a Django service.
    '';

    settings = mkOption {
      type = settings;
      default = { };
      example = {
        skip = [ "http/tls" ];
        nixos.flake = "/etc/nixos#midship";
      };
      description = ''
        `/etc/prism-doctor/config.toml`. What is not set is found on the machine. The program reads
        it while the system is built, so that a mistake stops the build.
      '';
    };

    waivers = mkOption {
      type = types.listOf waiver;
      default = [ ];
      example = [
        {
          check = "app/superuser";
          reason = "accounts come from LDAP";
          until = "2026-12-31";
        }
      ];
      description = "Findings that no longer count, until a day.";
    };

    interval = mkOption {
      type = filled;
      default = "*:0/5";
      example = "hourly";
      description = "When to diagnose: OnCalendar= of the timer, as systemd.time(7) has it.";
    };

    textfileDirectory = optionalOf types.path ''
      Where `prism-doctor.prom` is written after each run, for the textfile collector of the node
      exporter. Null writes no metrics.
    '';

    html = optionalOf types.path ''
      The file of the page that is written after each run, like
      `/var/lib/prism-doctor/report.html`. Null writes none.
    '';

    onFailure = mkOption {
      type = types.listOf types.str;
      default = [ ];
      example = [ "notify@%n.service" ];
      description = ''
        Units to start when something is broken, or when nobody could look. A warning starts none.
      '';
    };
  };

  config = mkIf cfg.enable {
    services.prism-doctor.settings = {
      unit = mkIf (cfg.unit != null) cfg.unit;
      waiver = mkIf (cfg.waivers != [ ]) cfg.waivers;
    };

    environment.systemPackages = [ cfg.package ];
    environment.etc."prism-doctor/config.toml".source =
      if cfg.settings.checks == null then judged else written;

    # As packaging/systemd/prism-doctor.service, which has the reason for each line.
    systemd.services.prism-doctor = {
      description = "Diagnose the Django deployment";
      documentation = [ "man:prism-doctor(1)" ];
      after = [ "multi-user.target" ];
      inherit (cfg) onFailure;
      serviceConfig = {
        Type = "oneshot";
        ExecStart = lib.concatStringsSep " " (
          [ "${program} --format text" ]
          ++ optional (cfg.textfileDirectory != null) "--output prometheus:${textfile}/prism-doctor.prom"
          ++ optional (cfg.html != null) "--output html:${page}"
        );
        SuccessExitStatus = 1;
        TimeoutStartSec = if timeout <= 240 then "5min" else "${toString (timeout + 60)}s";
        StateDirectory = "prism-doctor";
        StateDirectoryMode = "0711";
        CacheDirectory = "prism-doctor";
        CacheDirectoryMode = "0700";
        CapabilityBoundingSet = "CAP_DAC_OVERRIDE CAP_SYS_PTRACE CAP_SETUID CAP_SETGID CAP_KILL CAP_NET_BIND_SERVICE";
        NoNewPrivileges = true;
        RestrictAddressFamilies = "AF_UNIX AF_INET AF_INET6 AF_NETLINK";
        SystemCallArchitectures = "native";
        SystemCallFilter = "@system-service";
        SystemCallErrorNumber = "EPERM";
        RestrictNamespaces = true;
        RestrictRealtime = true;
        RestrictSUIDSGID = true;
        LockPersonality = true;
        KeyringMode = "private";
        ProtectClock = true;
        ProtectHostname = true;
        DevicePolicy = "closed";
        MemoryMax = "1G";
        TasksMax = 512;
        OOMScoreAdjust = 500;
        OOMPolicy = "continue";
      };
    };

    systemd.timers.prism-doctor = {
      description = "Diagnose the Django deployment from time to time";
      documentation = [ "man:prism-doctor(1)" ];
      wantedBy = [ "timers.target" ];
      timerConfig = {
        OnCalendar = cfg.interval;
        RandomizedDelaySec = "2min";
        FixedRandomDelay = true;
        AccuracySec = "1s";
        Persistent = false;
      };
    };

    # What is there keeps its owner and its mode: others may write metrics or pages there, too.
    systemd.tmpfiles.rules = map (path: "d ${path} :0755 :root :root - -") (
      filter (path: path != state) directories
    );

    warnings = optional (cfg.textfileDirectory != null && !isCollected) ''
      services.prism-doctor.textfileDirectory is ${textfile}, but the node exporter does not read it:
      services.prometheus.exporters.node needs enable = true and
      extraFlags = [ "--collector.textfile.directory=${textfile}" ].
    '';

    assertions = [
      {
        assertion =
          cfg.settings.unit == null
          || builtins.match "[A-Za-z0-9_@:.\\-]+\\.service" cfg.settings.unit != null;
        message = "services.prism-doctor.unit is \"${toString cfg.settings.unit}\", and only a service can be diagnosed: give its whole name, like prism-django.service.";
      }
      {
        assertion = cfg.settings.unit == null || !lib.hasSuffix "@.service" cfg.settings.unit;
        message = "services.prism-doctor.unit is the template ${toString cfg.settings.unit}, of which no service runs: name an instance, like shop@1.service.";
      }
      {
        assertion = odd == [ ];
        message = "services.prism-doctor.textfileDirectory and html stand in ExecStart=, where systemd reads \"${toString odd}\" otherwise: use letters, digits and . _ - + @ alone.";
      }
      {
        assertion = !lib.any inStore directories;
        message = "services.prism-doctor.textfileDirectory and html are written after each run, and nothing can be written to ${builtins.storeDir}: name a path as text, in quotes.";
      }
      {
        assertion = !lib.any inStore (if cfg.settings.checks == null then [ ] else cfg.settings.checks);
        message = "services.prism-doctor.settings.checks names a module in ${builtins.storeDir}, which the group nixbld may write to, so it would not be loaded: put it into environment.etc with mode = \"0444\" and name it below /etc.";
      }
    ]
    ++ map (waiver: {
      assertion = !isBlank waiver.reason;
      message = "services.prism-doctor.waivers has one for ${waiver.check} without a reason: say why that finding is all right.";
    }) waivers
    ++ map (name: {
      assertion = builtins.match "[A-Za-z0-9@%:_.\\-]+\\.(service|target|timer|socket|path|mount|slice|scope|swap|automount|device)" name != null;
      message = "services.prism-doctor.onFailure has \"${name}\", which is not the name of a unit: give it whole, like notify@%n.service.";
    }) cfg.onFailure;
  };
}
