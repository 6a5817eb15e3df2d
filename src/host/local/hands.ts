import type {Hands} from '../hands.ts'
import {alter, restore} from './alter.ts'
import {exec} from './exec.ts'
import {survey} from './survey.ts'

/**
 * Milliseconds: systemd gives a start 90 s by default, and collecting may take longer than that.
 */
export const patience = 300_000

/** This machine, to be changed. */
export function localHands(): Hands {
  return {run: argv => exec(argv, {timeout: patience}), survey, alter, restore}
}
