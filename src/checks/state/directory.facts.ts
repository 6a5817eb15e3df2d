import {oncePerTarget} from '../../facts/once-per-target.ts'
import {pathFacts} from '../../facts/picture/directories.ts'
import {givenPaths, sandboxPaths} from '../../facts/unit/sandbox-paths.ts'
import {isBelow} from '../../host/path.ts'
import {splitWords} from '../../host/unit.ts'
import type {Seen} from '../../report/fact.ts'
import type {Context} from '../check.ts'

/** Owner, mode and mount of every directory that the service needs, and of those above. */
export function directoryFacts({host, target}: Context): Promise<readonly Seen[]> {
  return look(host, target)
}

const look = oncePerTarget((host, target) => {
  const {unit, stateDirectory, staticRoot, mediaRoot, workingDirectory, binds, django} = target
  const logs = (django.answer?.logFiles ?? []).map(({path}) => path.replace(/\/[^/]*$/, ''))
  const sockets = binds.flatMap(bind => ('socketPath' in bind ? [bind.socketPath] : []))
  const given = givenPaths(unit).filter(path => !path.includes('/private/'))
  // What systemd makes in /run is there while the service runs.
  const volatile = splitWords(unit.get('RuntimeDirectory')).map(name => `/run/${name}`)
  const paths = [
    stateDirectory,
    staticRoot,
    mediaRoot,
    workingDirectory,
    ...logs,
    ...given,
    ...sandboxPaths(unit).map(({path}) => path),
    // Whoever makes the socket gives it its owner anew; the directory is what must be right.
    ...sockets.map(path => path.replace(/\/[^/]*$/, '')),
  ]
  const isLasting = (path: string | null): boolean =>
    path === null || !volatile.some(each => isBelow(path, each))
  return pathFacts({host, target}, paths.filter(isLasting))
})
