# prism-doctor, for callPackage: built from this repository, or from what `npm pack` made of it.
{
  lib,
  stdenv,
  nodejs,
  installShellFiles,
  importNpmLock,
  runCommand,
  curl,
  cacert,

  # A tarball of `npm pack`. With it nothing is downloaded.
  tarball ? null,
  # The address of the npm registry that has the libraries. Without it, npm says which.
  registry ? null,
}:

let
  manifest = lib.importJSON ../package.json;
  lockFile = lib.importJSON ../package-lock.json;
  lock = import ./lock.nix { lock = lockFile; };

  # The bundler, and what it bundles. The other devDependencies are for tests.
  needed = [
    "@inquirer/prompts"
    "@oclif/core"
    "chalk"
    "esbuild"
    "execa"
    "listr2"
    "pg"
    "smol-toml"
    "valibot"
  ];

  cpu = stdenv.hostPlatform.parsed.cpu.name;
  paths = lock.closure {
    os = "linux";
    cpu = { x86_64 = "x64"; aarch64 = "arm64"; }.${cpu} or cpu;
  } needed;

  # npm knows its registry, and the lock what must come from there.
  download =
    path:
    runCommand (lock.fileOf path)
      {
        outputHash = lockFile.packages.${path}.integrity;
        outputHashMode = "flat";
        nativeBuildInputs = [
          curl
          nodejs
        ];
        SSL_CERT_FILE = "${cacert}/etc/ssl/certs/ca-bundle.crt";
        impureEnvVars = lib.fetchers.proxyImpureEnvVars;
      }
      ''
        export HOME=$TMPDIR
        registry=$(npm config get registry)
        curl --fail --location --retry 3 --output "$out" "''${registry%/}/${lock.addressOf path}"
      '';

  fromRepository = {
    src = builtins.path {
      name = "prism-doctor-source";
      path = ../.;
      filter =
        path: _:
        !builtins.elem (baseNameOf path) [
          ".git"
          "dist"
          "node_modules"
          "result"
          "test"
        ];
    };

    npmDeps = importNpmLock (
      {
        package = manifest // {
          devDependencies = lib.getAttrs needed manifest.devDependencies;
        };
        packageLock =
          let
            whole = if registry == null then lockFile else lock.complete registry;
          in
          whole // { packages = lib.getAttrs ([ "" ] ++ paths) whole.packages; };
      }
      // lib.optionalAttrs (registry == null) { packageSourceOverrides = lib.genAttrs paths download; }
    );

    # Nothing that is needed has to be compiled or fetched by a script of its own.
    npmRebuildFlags = [ "--ignore-scripts" ];

    buildPhase = ''
      runHook preBuild
      # npmConfigHook has put one there that names libraries in the store. Packed, it would keep
      # them all alive as long as the program.
      cp --no-preserve=mode ${../package.json} package.json
      npm run build
      npm pack --ignore-scripts --pack-destination ..
      runHook postBuild
    '';

    packed = "../prism-doctor-${manifest.version}.tgz";
  };

  fromTarball = {
    src = tarball;
    dontUnpack = true;
    packed = tarball;
  };
in
assert lib.assertMsg (lib.versionAtLeast nodejs.version "22.18")
  "prism-doctor is built with Node 22.18 or newer, and nodejs is ${nodejs.version}; give a newer one: prism-doctor.override { nodejs = pkgs.nodejs_24; }";
stdenv.mkDerivation (
  {
    pname = "prism-doctor";
    inherit (manifest) version;

    nativeBuildInputs = [
      installShellFiles
      nodejs
    ]
    ++ lib.optional (tarball == null) importNpmLock.npmConfigHook;
    strictDeps = true;

    installPhase = ''
      runHook preInstall
      root=$out/lib/prism-doctor
      mkdir -p "$root" "$out/bin"
      tar --extract --file "$packed" --strip-components=1 --no-same-owner --directory "$root"
      substituteInPlace "$root/bin/run.js" \
        --replace-fail '#!/usr/bin/env node' '#!${nodejs}/bin/node'
      chmod +x "$root/bin/run.js"
      ln -s ../lib/prism-doctor/bin/run.js "$out/bin/prism-doctor"

      installManPage "$root/dist/prism-doctor.1"
      for shell in bash zsh fish; do
        node "$root/bin/run.js" completion "$shell" > "completion.$shell"
      done
      installShellCompletion --cmd prism-doctor \
        --bash completion.bash --zsh completion.zsh --fish completion.fish

      # Nobody can fill Node's compile cache in the store, so it is filled here, by the Node and at
      # the path that it is for. Node names it after the user: root, who runs the diagnosis.
      mkdir "$root/scripts" "$root/fixtures"
      cp ${../scripts/compile-cache.ts} "$root/scripts/compile-cache.ts"
      cp ${../fixtures/healthy.json} "$root/fixtures/healthy.json"
      node "$root/scripts/compile-cache.ts" > compile-cache.log
      rm -r "$root/scripts" "$root/fixtures"
      for cache in "$root"/dist/cache/*; do
        [ "$cache" = "''${cache%-*}-0" ] || mv "$cache" "''${cache%-*}-0"
      done
      runHook postInstall
    '';

    doInstallCheck = true;
    installCheckPhase = ''
      runHook preInstallCheck
      "$out/bin/prism-doctor" --version | tee version
      grep --quiet '^prism-doctor/${manifest.version} ' version
      "$out/bin/prism-doctor" --replay ${../fixtures/healthy.json}
      runHook postInstallCheck
    '';

    meta = {
      inherit (manifest) description;
      license = lib.licenses.mit;
      mainProgram = "prism-doctor";
      inherit (manifest) homepage;
      platforms = lib.platforms.linux;
    };
  }
  // (if tarball == null then fromRepository else fromTarball)
)
