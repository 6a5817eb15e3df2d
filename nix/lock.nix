# What package-lock.json leaves open: where each tarball is, and which of them a build needs.
{ lock }:

let
  inherit (builtins)
    attrNames
    elem
    elemAt
    filter
    genericClosure
    map
    mapAttrs
    match
    ;

  inherit (lock) packages;

  # "node_modules/a/node_modules/@scope/b" is @scope/b. An alias states the true name itself.
  nameOf = path: packages.${path}.name or (elemAt (match "(.*/)?node_modules/(.+)" path) 1);

  # Every registry lays out its tarballs like this: @scope/b/-/b-1.0.0.tgz.
  fileOf =
    path: "${elemAt (match "(@[^/]+/)?(.+)" (nameOf path)) 1}-${packages.${path}.version}.tgz";

  # npm looks for a dependency beside the package's own, then beside each parent's.
  find =
    from: name:
    let
      path = (if from == "" then "" else "${from}/") + "node_modules/${name}";
      outer = elemAt (match "(.*)node_modules/(@[^/]+/)?[^/]+" from) 0;
      parent = match "(.*)/" outer;
    in
    if packages ? ${path} then
      path
    else if from == "" then
      # An optional one that no platform of the lock has.
      null
    else
      find (if parent == null then "" else elemAt parent 0) name;

  dependenciesOf =
    module:
    (module.dependencies or { })
    // (module.optionalDependencies or { })
    // removeAttrs (module.peerDependencies or { }) (attrNames (module.peerDependenciesMeta or { }));

  isFor =
    { os, cpu }: module: elem os (module.os or [ os ]) && elem cpu (module.cpu or [ cpu ]);
in
rec {
  inherit fileOf;

  # The path of a tarball below a registry's address.
  addressOf = path: "${nameOf path}/-/${fileOf path}";

  # The lock with the addresses. registry: where they begin, with or without a slash at the end.
  complete =
    registry:
    let
      base = elemAt (match "(.*[^/])/*" registry) 0;
      completed =
        path: module:
        # The root of the lock is this package, which comes from nowhere.
        if module ? integrity then module // { resolved = "${base}/${addressOf path}"; } else module;
    in
    lock // { packages = mapAttrs completed packages; };

  # The paths in the lock of `names`, and of all that they need on one platform.
  # platform: { os, cpu }, as Node calls them.
  closure =
    platform: names:
    let
      keysOf = map (key: { inherit key; });
      isHere = path: path != null && isFor platform packages.${path};
    in
    map (found: found.key) (genericClosure {
      startSet = keysOf (map (find "") names);
      operator =
        { key }: keysOf (filter isHere (map (find key) (attrNames (dependenciesOf packages.${key}))));
    });
}
