/**
 * Tokens that their first characters give away: those rules of gitleaks 8.30
 * (https://github.com/gitleaks/gitleaks, config/gitleaks.toml, MIT) that need no word beside the
 * token, where a deployment of Django may have one. Its other rules look for a vendor's name near
 * any hexadecimal digits, which names do better here (names.ts).
 */
const rules = [
  // 1Password, age
  'ops_eyJ[a-zA-Z0-9+/]{60,}={0,3}',
  'AGE-SECRET-KEY-1[QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L]{58}',
  // Airtable, Alibaba, AWS, Azure
  'pat[a-zA-Z0-9]{14}\\.[a-f0-9]{64}',
  'LTAI[a-zA-Z0-9]{20}',
  '(?:A3T[A-Z0-9]|AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}',
  '[a-zA-Z0-9_~.]{3}\\dQ~[a-zA-Z0-9_~.-]{31,34}',
  // Anthropic, OpenAI, Hugging Face, Perplexity
  'sk-ant-(?:admin01|api03)-[\\w-]{80,100}',
  'sk-(?:(?:proj|svcacct|admin)-)?[\\w-]{20,100}T3BlbkFJ[\\w-]{20,100}',
  '(?:hf|api_org)_[a-zA-Z]{34}',
  'pplx-[a-zA-Z0-9]{48}',
  // Artifactory, Databricks, DigitalOcean, Doppler, Dynatrace
  'AKCp[A-Za-z0-9]{69}',
  'dapi[a-f0-9]{32}(?:-\\d)?',
  'do[opr]_v1_[a-f0-9]{64}',
  'dp\\.pt\\.[a-zA-Z0-9]{43}',
  'dt0c01\\.[a-zA-Z0-9]{24}\\.[a-zA-Z0-9]{64}',
  // Facebook, Fly.io, Google
  'EAA[MC][a-zA-Z0-9]{100,}',
  'fo1_[\\w-]{43}',
  'fm[12][ar]?_[a-zA-Z0-9+/]{100,}={0,3}',
  'AIza[\\w-]{35}',
  // GitHub, GitLab, Grafana
  '(?:ghp|gho|ghu|ghs|ghr)_[0-9a-zA-Z]{36}',
  'github_pat_\\w{82}',
  'gl(?:pat|dt|ft|rt|oas|imt|agent|soat|ffct|ptt|cbt)-[\\w.-]{20,}',
  'GR1348941[\\w-]{20}',
  'gl(?:c_[A-Za-z0-9+/]{32,400}={0,3}|sa_[A-Za-z0-9]{32}_[A-Fa-f0-9]{8})',
  // HashiCorp, Heroku, Linear, Mailgun, New Relic, Notion, npm
  '[a-zA-Z0-9]{14}\\.atlasv1\\.[\\w=-]{60,70}',
  'hv[bs]\\.[\\w-]{90,300}',
  'HRKU-AA[0-9a-zA-Z_-]{58}',
  'lin_api_[a-zA-Z0-9]{40}',
  'NRAK-[a-zA-Z0-9]{27}',
  'ntn_[0-9]{11}[A-Za-z0-9]{35}',
  'npm_[a-zA-Z0-9]{36}',
  // Postman, Pulumi, PyPI, Readme, RubyGems
  'PMAK-[a-fA-F0-9]{24}-[a-fA-F0-9]{34}',
  'pul-[a-f0-9]{40}',
  'pypi-AgEIcHlwaS5vcmc[\\w-]{50,1000}',
  'rdme_[a-z0-9]{70}',
  'rubygems_[a-f0-9]{48}',
  // SendGrid, Sendinblue, Sentry, Shippo, Shopify
  'SG\\.[\\w=.-]{66}',
  'xkeysib-[a-f0-9]{64}-[a-zA-Z0-9]{16}',
  'sntr(?:ys_eyJ[a-zA-Z0-9+/=_-]{40,500}|yu_[a-f0-9]{64})',
  'shippo_(?:live|test)_[a-fA-F0-9]{40}',
  'shp(?:at|ca|pa|ss)_[a-fA-F0-9]{32}',
  // Slack, Square, Stripe, Telegram, Twilio
  'xox[abeoprs](?:\\.xox[bp])?-[\\w-]{10,250}',
  'xapp-\\d-[A-Z0-9]+-\\d+-[a-z0-9]+',
  '(?:EAAA|sq0atp-)[\\w-]{22,60}',
  '(?:sk|rk|whsec)_(?:(?:test|live|prod)_)?[a-zA-Z0-9]{20,99}',
  '[0-9]{8,10}:AA?[\\w-]{33,35}',
  'SK[0-9a-fA-F]{32}',
  // Hashes of passwords, as crypt(5), Django, PostgreSQL and htpasswd write them
  '\\$(?:2[abxy]|apr1|argon2(?:id?|d)|[156]|y|7)\\$[./A-Za-z0-9$=,+]{20,200}',
  '(?:pbkdf2_sha\\d+|bcrypt_sha256|scrypt|argon2)\\$[./A-Za-z0-9$=,+]{20,300}',
  'SCRAM-SHA-256\\$\\d{4,6}:[A-Za-z0-9+/=]{8,100}\\$[A-Za-z0-9+/=]{20,100}:[A-Za-z0-9+/=]{20,100}',
  // JSON Web Tokens
  'ey[a-zA-Z0-9]{17,}\\.ey[\\w/-]{17,}\\.[\\w/-]{10,}={0,2}',
] as const

/** A hook's address is its secret; what follows the host lets anybody post. */
const hooks =
  '(?<=https://hooks\\.slack\\.com/(?:services|workflows|triggers)/)[A-Za-z0-9+/]{43,56}'

export const vendorTokens = new RegExp(
  `(?<![A-Za-z0-9])(?:${rules.join('|')})(?![A-Za-z0-9])|${hooks}`,
  'g',
)
