import {CannotLook} from '../../../../src/host/host.ts'
import {serve} from '../../../../src/host/local/child.ts'

/** Does as it is told. */
serve((question: {readonly kind: string}) => {
  switch (question.kind) {
    case 'hang':
      for (;;);
    case 'die':
      return process.kill(process.pid, 'SIGKILL')
    case 'cannot':
      throw new CannotLook('only root sees it', {privilege: true})
    case 'errno':
      throw Object.assign(new Error('no such thing'), {code: 'ENOENT'})
    case 'who':
      return {pid: process.pid, directory: process.cwd(), variables: Object.keys(process.env)}
    default:
      return question
  }
})
