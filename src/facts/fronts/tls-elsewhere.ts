import {listSetting} from '../django/django.ts'
import type {Target} from '../target/target.ts'

/** A proxy's header, a redirect to https or a trusted origin of it: TLS ends somewhere. */
export function hasTlsElsewhere({django}: Target): boolean {
  const settings = django.answer?.settings ?? {}
  const origins = listSetting(django, 'CSRF_TRUSTED_ORIGINS') ?? []
  return Boolean(
    settings.SECURE_PROXY_SSL_HEADER ||
      settings.SECURE_SSL_REDIRECT ||
      origins.some(origin => origin.startsWith('https://')),
  )
}
