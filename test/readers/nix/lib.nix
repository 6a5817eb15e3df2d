# As much of nixpkgs' lib as nix/ uses, for machines without nixpkgs: test/readers/nix.test.ts
# expects the same of both. Errors begin as nixpkgs' do.
let
  inherit (builtins)
    all
    attrNames
    attrValues
    concatLists
    concatMap
    concatStringsSep
    elem
    filter
    fromJSON
    head
    isAttrs
    isBool
    isFunction
    isInt
    isList
    isPath
    isString
    listToAttrs
    map
    mapAttrs
    match
    readFile
    substring
    ;

  typeOf = value: value._type or null;

  # mkIf around a set of options moves to the options, so that its condition can depend on another
  # option of the same set.
  pushDown =
    value:
    if typeOf value == "if" then
      mapAttrs (_: lib.mkIf value.condition) (pushDown value.content)
    else
      value;

  # The definitions of one option.
  discharge =
    value:
    if typeOf value != "if" then
      [ value ]
    else if value.condition then
      discharge value.content
    else
      [ ];

  show = concatStringsSep ".";

  evalOption =
    at: option: definitions:
    let
      given = concatMap discharge definitions;
    in
    if given != [ ] then
      check at option.type given
    else if option ? default then
      check at option.type [ option.default ]
    else
      throw "The option `${show at}' was accessed but has no value defined. Try setting the option.";

  check =
    at: type: values:
    if all type.check values then
      type.merge at values
    else
      throw "A definition for option `${show at}' is not of type `${type.name}'.";

  evalOptions =
    at: freeform: options: definitions:
    let
      given = map pushDown definitions;
      stray = filter (name: !(options ? ${name})) (concatMap attrNames given);
      others = map (set: removeAttrs set (attrNames options)) given;
    in
    mapAttrs (
      name: option:
      let
        here = at ++ [ name ];
        mine = lib.catAttrs name given;
      in
      if typeOf option == "option" then evalOption here option mine else evalOptions here null option mine
    ) options
    // (
      if stray == [ ] then
        { }
      else if freeform == null then
        throw "The option `${show (at ++ [ (head stray) ])}' does not exist."
      else
        check at freeform others
    );

  type = name: check: merge: { inherit name check merge; };

  same =
    at: values:
    if all (value: value == head values) values then
      head values
    else
      throw "The option `${show at}' has conflicting definition values";

  names = sets: attrNames (lib.foldl' (all: set: all // set) { } sets);

  isStringLike = value: isString value || isPath value || value ? outPath;

  types = rec {
    bool = type "boolean" isBool same;
    str = type "string" isString same;
    package = type "package" (value: value ? outPath) same;
    path = type "absolute path" (
      value: isStringLike value && substring 0 1 (toString value) == "/"
    ) same;
    anything = type "anything" (_: true) same;
    raw = anything;
    enum = values: type "one of ${concatStringsSep ", " values}" (value: elem value values) same;
    strMatching =
      pattern:
      type "string matching the pattern ${pattern}" (
        value: isString value && match pattern value != null
      ) same;
    ints.between =
      low: high:
      type "integer between ${toString low} and ${toString high} (both inclusive)" (
        value: isInt value && low <= value && value <= high
      ) same;
    nullOr =
      inner:
      type "null or ${inner.name}" (value: value == null || inner.check value) (
        at: values: if all (value: value == null) values then null else inner.merge at values
      );
    listOf =
      inner:
      type "list of ${inner.name}" isList (
        at: values: map (value: check at inner [ value ]) (concatLists values)
      );
    attrsOf =
      inner:
      type "attribute set of ${inner.name}" isAttrs (
        at: values:
        let
          given = map pushDown values;
          of = name: evalOption (at ++ [ name ]) { type = inner; } (lib.catAttrs name given);
        in
        lib.genAttrs (names given) of
      );
    submodule =
      {
        options,
        freeformType ? null,
      }:
      type "submodule" isAttrs (at: values: evalOptions at freeformType options values);
  };

  lib = {
    inherit types;
    inherit (builtins)
      any
      attrNames
      catAttrs
      concatMap
      concatStringsSep
      elem
      elemAt
      filter
      foldl'
      isAttrs
      isList
      mapAttrs
      ;

    isPath = isPath;
    optional = condition: value: if condition then [ value ] else [ ];
    optionals = condition: values: if condition then values else [ ];
    optionalAttrs = condition: set: if condition then set else { };
    genAttrs = keys: value: listToAttrs (map (name: { inherit name; value = value name; }) keys);
    getAttrs = keys: set: lib.genAttrs keys (name: set.${name});
    filterAttrs = keep: set: removeAttrs set (filter (name: !keep name set.${name}) (attrNames set));
    remove = unwanted: filter (value: value != unwanted);
    mapAttrs' = pair: set: listToAttrs (attrValues (mapAttrs pair set));
    hasPrefix = prefix: text: substring 0 (builtins.stringLength prefix) text == prefix;
    hasSuffix =
      suffix: text:
      let
        start = builtins.stringLength text - builtins.stringLength suffix;
      in
      start >= 0 && substring start (-1) text == suffix;
    versionAtLeast = a: b: builtins.compareVersions a b >= 0;
    assertMsg = condition: message: condition || throw message;
    importJSON = file: fromJSON (readFile file);

    mkOption = option: option // { _type = "option"; };
    mkEnableOption =
      what:
      lib.mkOption {
        type = types.bool;
        default = false;
        description = "Whether to enable ${what}.";
      };
    literalExpression = text: { inherit text; };
    mkIf = condition: content: {
      _type = "if";
      inherit condition content;
    };
    # modules: functions of { config, lib, … }, files with one, or sets.
    evalModules =
      {
        modules,
        specialArgs ? { },
      }:
      let
        load =
          module:
          let
            loaded = if isPath module then import module else module;
            set = if isFunction loaded then loaded (specialArgs // { inherit config lib; }) else loaded;
            own = if set ? options || set ? config then set else { config = removeAttrs set [ "imports" ]; };
          in
          concatMap load (set.imports or [ ]) ++ [ own ];
        sets = concatMap load modules;
        union = lib.foldl' merge { };
        merge =
          a: b:
          a
          // mapAttrs (
            name: value: if a ? ${name} && typeOf value != "option" then merge a.${name} value else value
          ) b;
        config = evalOptions [ ] null (union (map (set: set.options or { }) sets)) (
          map (set: set.config or { }) sets
        );
      in
      {
        inherit config;
      };

    # What only describes a package.
    licenses.mit = "MIT";
    platforms.linux = [ builtins.currentSystem ];
    trivial.release = "26.05";
    fetchers.proxyImpureEnvVars = [ "https_proxy" ];
  };
in
lib
