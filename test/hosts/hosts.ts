import {command, say} from '../container/command.ts'
import {build} from './build.ts'

await command(process.argv.slice(2), {usage: '', commands: {build: () => build(say)}})
