import {lookup} from 'node:dns/promises'
import {serve} from './child.ts'
import type {Question} from './eyes.ts'
import {list, readFile, stat} from './files.ts'

/** Looks at file systems and asks the system's resolver, both of which may never answer. */
serve((question: Question) => {
  switch (question.kind) {
    case 'ready':
      return null
    case 'readFile':
      return readFile(question.path, question.options)
    case 'stat':
      return stat(question.path)
    case 'list':
      return list(question.path)
    case 'resolve':
      return lookup(question.name, {all: true})
  }
})
