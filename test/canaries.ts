import {stripVTControlCharacters} from 'node:util'

/** Names of variables as deployments really have them, of every kind. */
export const names: readonly string[] = `
SECRET_KEY DJANGO_SECRET_KEY SECRET_KEY_FALLBACK APP_SECRET FLASK_SECRET SESSION_SECRET COOKIE_SECRET CSRF_SECRET
POSTGRES_PASSWORD POSTGRES_REPLICATION_PASSWORD DB_PASSWORD DB_PASS DB_PWD DB_PW DATABASE_PASSWORD MYSQL_ROOT_PASSWORD
MYSQL_PWD REDIS_PASSWORD REDIS_AUTH RABBITMQ_DEFAULT_PASS AMQP_PASSWORD MONGO_INITDB_ROOT_PASSWORD PGPASSWORD
ELASTIC_PASSWORD OPENSEARCH_INITIAL_ADMIN_PASSWORD MEILI_MASTER_KEY TYPESENSE_API_KEY ALGOLIA_ADMIN_KEY CLICKHOUSE_PASSWORD
EMAIL_HOST_PASSWORD SMTP_PASSWORD SMTP_PASS MAIL_PASSWORD SENDGRID_API_KEY MAILGUN_API_KEY MAILGUN_SMTP_PASSWORD
POSTMARK_SERVER_TOKEN SPARKPOST_API_KEY BREVO_API_KEY MAILJET_SECRET_KEY SES_SMTP_PASSWORD ANYMAIL_WEBHOOK_SECRET
AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN AWS_S3_SECRET MINIO_ROOT_PASSWORD MINIO_SECRET_KEY
B2_APPLICATION_KEY R2_SECRET AZURE_STORAGE_KEY AZURE_ACCOUNT_KEY AZURE_CLIENT_SECRET AZURE_STORAGE_CONNECTION_STRING
GS_CREDENTIALS GOOGLE_API_KEY GOOGLE_OAUTH2_SECRET GOOGLE_MAPS_KEY GCP_PRIVATE_KEY FIREBASE_TOKEN DIGITALOCEAN_TOKEN
SPACES_SECRET CLOUDINARY_API_SECRET CLOUDFLARE_API_TOKEN FASTLY_API_KEY BUNNY_STORAGE_PASSWORD HETZNER_TOKEN
STRIPE_SECRET_KEY STRIPE_WEBHOOK STRIPE_WEBHOOK_SECRET STRIPE_LIVE_SECRET PAYPAL_SECRET BRAINTREE_PRIVATE_KEY ADYEN_HMAC
MOLLIE_API_KEY KLARNA_PASSWORD SQUARE_ACCESS_TOKEN PLAID_SECRET TWILIO_AUTH_TOKEN TWILIO_SID VONAGE_SIGNATURE
SLACK_TOKEN SLACK_WEBHOOK SLACK_SIGNING_SECRET DISCORD_BOT_TOKEN DISCORD_WEBHOOK TELEGRAM_BOT TEAMS_WEBHOOK MATRIX_ACCESS
SENTRY_DSN SENTRY_AUTH_TOKEN ROLLBAR_ACCESS_TOKEN BUGSNAG_KEY NEW_RELIC_LICENSE_KEY DATADOG_API_KEY HONEYCOMB_KEY
LOGTAIL_SOURCE PAPERTRAIL_TOKEN GRAFANA_PASSWORD PROMETHEUS_BEARER INFLUXDB_TOKEN
GITHUB_PAT GITHUB_TOKEN GITHUB_APP_PRIVATE GITLAB_TOKEN BITBUCKET_APP_PASSWORD NPM_TOKEN PYPI_PASSWORD DOCKER_AUTH
SOCIAL_AUTH_GITHUB_SECRET SOCIAL_AUTH_FACEBOOK_SECRET SOCIAL_AUTH_GOOGLE_OAUTH2_SECRET TWITTER_CONSUMER_SECRET
OIDC_RP_CLIENT_SECRET SAML_PRIVATE_KEY LDAP_BIND_PASSWORD AUTH_LDAP_BIND_PASSWORD KEYCLOAK_CLIENT AUTH0_SECRET OKTA_TOKEN
RECAPTCHA_PRIVATE_KEY HCAPTCHA_SECRET TURNSTILE_SECRET JWT JWT_SECRET JWT_SIGNING_KEY SIMPLE_JWT_KEY AUTH API_AUTH
BASIC_AUTH HTTP_BASIC ADMIN_PASSWORD DJANGO_SUPERUSER_PASSWORD SUPERUSER_PW OTP_SEED TOTP PIN ENCRYPTION_KEY FERNET
FERNET_KEYS FIELD_ENCRYPTION_KEY HASHID_SALT PEPPER SALT HMAC SIGNING SSL_KEYFILE_PASSWORD GUNICORN_KEYFILE_PASSWORD
UVICORN_SSL_KEYFILE_PASSWORD CELERY_RESULT_SECRET FLOWER_BASIC_AUTH CHANNELS_SECRET VAULT_TOKEN VAULT_ROLE CONSUL_HTTP
SOPS_AGE_KEY AGE_IDENTITY OPENAI_API_KEY ANTHROPIC_API_KEY HUGGINGFACE MAPBOX_ACCESS_TOKEN HERE_API GEOIP_LICENSE
SHOPIFY_API_SECRET WOOCOMMERCE_CONSUMER ZENDESK_TOKEN HUBSPOT_PRIVATE_APP INTERCOM_ACCESS MAILCHIMP_KEY SEGMENT_WRITE_KEY
VAPID_PRIVATE_KEY APNS_AUTH FCM_SERVER_KEY PUSHER_SECRET ABLY_KEY PROXY_PASSWORD HEALTHCHECK_TOKEN METRICS_TOKEN
BACKUP_PASSPHRASE RESTIC_PASSWORD BORG_PASSPHRASE GPG_PASSPHRASE LIGHTHOUSE LAMP_ROOM KEEPER HARBOUR_GATE TIDE PRISM_X
ZULIP_BOT MATOMO PLAUSIBLE_SHARED SUPABASE_SERVICE_ROLE NEON_BRANCH UPSTASH QSTASH_CURRENT TAILSCALE_AUTH NGROK_AUTHTOKEN
CODECOV COVERALLS_REPO SNYK
`
  .trim()
  .split(/\s+/)

const letters = 'ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz'

/**
 * A value that stands nowhere else, always the same for the same number. A digit follows three
 * letters, so that no part of eight characters is a word.
 */
export function canary(number: number): string {
  let state = (number + 1) * 2_654_435_761
  const next = (below: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return (state >>> 8) % below
  }
  return Array.from({length: 24}, (_, at) =>
    at % 4 === 3 ? String(next(10)) : letters[next(letters.length)],
  ).join('')
}

/** Characters of a canary that may be left of it. */
const part = 8

/**
 * The canaries of which some part stands in what was printed: as it is, over several lines, in
 * escapes, in hexadecimal or in base64, each undone here in another way than it is sought there.
 */
export function leaked(printed: string, canaries: readonly string[]): readonly string[] {
  const parts = new Map<string, string>()
  for (const each of canaries)
    for (let at = 0; at + part <= each.length; at += 1) parts.set(each.slice(at, at + part), each)
  const found = new Set<string>()
  for (const text of readings(stripVTControlCharacters(printed)))
    for (let at = 0; at + part <= text.length; at += 1) {
      const whole = parts.get(text.slice(at, at + part))
      if (whole !== undefined) found.add(whole)
    }
  return [...found]
}

/** A text as somebody may read it who looks for more. */
function readings(text: string): readonly string[] {
  const squeezed = text.replace(/\\[nrt]|\s+/g, '')
  const unescaped = squeezed
    .replace(
      /%([0-9a-f]{2})|\\x([0-9a-f]{2})|\\u00([0-9a-f]{2})|&#x([0-9a-f]{2});/gi,
      (_, ...hex) =>
        String.fromCharCode(
          Number.parseInt(
            hex.find(each => each !== undefined),
            16,
          ),
        ),
    )
    .replace(/\\/g, '')
  const hex = [...squeezed.matchAll(/[0-9a-f]{16,}/gi)].flatMap(([digits]) =>
    [0, 1].map(from => Buffer.from(digits.slice(from), 'hex').toString('latin1')),
  )
  const base64 = [...squeezed.matchAll(/[A-Za-z0-9+/_-]{11,}/g)].flatMap(([token]) =>
    [0, 1, 2, 3].map(from => Buffer.from(token.slice(from), 'base64').toString('latin1')),
  )
  return [text, squeezed, unescaped, ...hex, ...base64]
}
