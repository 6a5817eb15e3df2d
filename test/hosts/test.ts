import {join} from 'node:path'
import {run} from '../container/container.ts'
import {breakMachine, parse} from '../container/trials.ts'
import {text} from '../midship/store.ts'
import {type Deployment, variables} from './deployments.ts'
import {here} from './paths.ts'

/** What a script for this deployment is written with. */
export async function library(deployment: Deployment): Promise<string> {
  return `${variables(deployment)}\nenabled='${deployment.enabled.join(' ')}'\n${await text(join(here, 'inject.sh'))}`
}
