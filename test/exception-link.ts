import type {ExceptionLink} from '../src/facts/django/django.ts'

/** An exception of the application's own, as ask.py tells of it. */
export function exceptionLink(
  type: string,
  message: string,
  more: Partial<ExceptionLink> & Pick<ExceptionLink, 'place'>,
): ExceptionLink {
  return {
    type,
    message,
    own: true,
    template: null,
    name: null,
    errno: null,
    filename: null,
    ...more,
  }
}
