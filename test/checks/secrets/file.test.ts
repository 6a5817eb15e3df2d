import {describe, expect, it} from 'vitest'
import {secretsFile} from '../../../src/checks/secrets/file.ts'
import type {FileAnswer, JournalEntry} from '../../../src/host/host.ts'
import {cannotLook, codes, type Edits, machine, recorded, verdicts} from '../../machine.ts'

const path = '/run/secrets/prism-env'

/** The recorded file with lines before or after it, or another answer in its place. */
function withFile(answer: FileAnswer, edits: Edits = {}): Edits {
  return {...edits, readFile: {[path]: answer}}
}

function appended(lines: string): FileAnswer {
  const answer = recorded('healthy', 'readFile', path) as {
    kind: 'file'
    text: string
    utf8: boolean
  }
  return {...answer, text: `${answer.text}${lines}`}
}

describe('secrets/file', () => {
  it('is silent on the healthy machine, whose file only root can read', async () => {
    expect(await codes(secretsFile, machine('healthy'))).toEqual(['ok ok'])
  })

  it('says what a line does that systemd ignores, without its value', async () => {
    const host = machine('healthy', withFile(appended('export EMAIL_HOST_PASSWORD=canary-value\n')))
    const [finding] = await verdicts(secretsFile, host)
    expect(finding).toMatchObject({status: 'critical', code: 'export'})
    expect(finding?.message).toMatch(
      /^\/run\/secrets\/prism-env:\d+: systemd ignores "export EMAIL_HOST_PASSWORD=…"/,
    )
    expect(JSON.stringify(finding)).not.toContain('canary-value')
  })

  it.each([
    ['an unterminated quote', 'A="abc\nNEXT=1\n', 'critical unterminated-quote'],
    ['a name with a dash', 'BAD-NAME=1\n', 'warning bad-name'],
    ['a line without "="', 'NOEQ\n', 'warning no-equals-sign'],
  ])('finds %s', async (_, lines, said) => {
    expect(await codes(secretsFile, machine('healthy', withFile(appended(lines))))).toEqual([said])
  })

  describe('LoadCredential=, which systemd does not show', () => {
    const unit = 'prism-django.service'
    const dropIn = '/etc/systemd/system/prism-django.service.d/key.conf'
    const withDropIn = (text: string): Edits => ({
      show: {[unit]: {LoadCredential: '[unprintable]', DropInPaths: dropIn}},
      readFile: {[dropIn]: {kind: 'file', text: `[Service]\n${text}\n`, utf8: true} as FileAnswer},
    })
    const missing = {stat: {'/run/keys': null, '/run/keys/prism-key': null}}

    it('finds a file that does not exist', async () => {
      const host = machine('healthy', {
        ...withDropIn('LoadCredential=key:/run/keys/prism-key'),
        ...missing,
      })
      const [finding] = await verdicts(secretsFile, host)
      expect(finding).toMatchObject({status: 'critical', code: 'missing'})
      expect(finding?.message).toContain('/run/keys/prism-key')
    })

    it('is silent where the unit has a value of its own', async () => {
      const text = 'LoadCredential=key:/run/keys/prism-key\nSetCredential=key:none'
      expect(
        await codes(secretsFile, machine('healthy', {...withDropIn(text), ...missing})),
      ).toEqual(['ok ok'])
    })
  })

  it('finds a .env file that is closed to the user whose settings read it', async () => {
    const [dotenv, key] = ['/var/lib/prism-django/.env', '/var/lib/prism-django/key']
    const stat = {
      type: 'file',
      mode: 0o600,
      uid: 0,
      gid: 0,
      size: 9,
      mtimeMs: 0,
      links: 1,
      dev: 1,
      inode: 9,
    }
    const host = machine('healthy', {
      stat: {[dotenv]: stat, [key]: null},
      readFile: {[dotenv]: {kind: 'file', text: 'DEBUG=0\n', utf8: true}, [key]: {kind: 'missing'}},
      django: {files: [dotenv, key], denied: [dotenv, key]},
    })
    const found = await verdicts(secretsFile, host)
    expect(found).toMatchObject([
      {
        status: 'critical',
        code: 'denied',
        message: `prism may not read ${dotenv}, which the settings read (mode 0600)`,
      },
    ])
  })

  it('lets a file that systemd reads for the unit be closed to its user', async () => {
    const host = machine('healthy', {django: {denied: [path]}})
    expect(await codes(secretsFile, host)).toEqual(['ok ok'])
  })

  it('finds a byte order mark, which costs the first variable', async () => {
    const answer = recorded('healthy', 'readFile', path) as {
      kind: 'file'
      text: string
      utf8: boolean
    }
    const marked = {...answer, text: `\uFEFF${answer.text.trimStart()}`}
    expect(await codes(secretsFile, machine('healthy', withFile(marked)))).toEqual([
      'critical byte-order-mark',
    ])
  })

  it('takes CRLF, comments, doubled names and single quotes as systemd does', async () => {
    const lines = "# a comment\r\nA=1\r\nA='pa$$word #1'\r\n;another\r\n"
    expect(await codes(secretsFile, machine('healthy', withFile(appended(lines))))).toEqual([
      'ok ok',
    ])
  })

  it.each([
    [{kind: 'directory'}, 'critical directory'],
    [{kind: 'not-regular'}, 'critical not-a-file'],
    [{kind: 'too-large', size: 524_288_000}, 'critical too-large'],
    [{kind: 'unsafe-link'}, 'critical unsafe-link'],
    [{kind: 'file', text: 'A=\uFFFD\n', utf8: false}, 'critical not-utf8'],
  ] satisfies [FileAnswer, string][])('says what %j is', async (answer, said) => {
    expect(await codes(secretsFile, machine('healthy', withFile(answer)))).toEqual([said])
  })

  it('names a missing file, and that sops installed nothing', async () => {
    const host = machine('healthy', {
      readFile: {[path]: {kind: 'missing'}},
      stat: {'/run/secrets': null, [path]: null},
    })
    const [finding] = await verdicts(secretsFile, host)
    expect(finding).toMatchObject({
      status: 'critical',
      code: 'missing',
      message: '/run/secrets/prism-env does not exist: sops has installed no secrets since boot',
    })
  })

  describe('tells why sops-nix installed nothing', () => {
    const missing = (...entries: readonly Omit<JournalEntry, 'at'>[]): Edits => ({
      readFile: {[path]: {kind: 'missing'}},
      stat: {'/run/secrets': null, [path]: null},
      journal: {
        'sops-install-secrets.service and stage-2-init': entries.map(entry => ({at: 0, ...entry})),
      },
    })

    it.each([
      [
        "sops-install-secrets: failed to decrypt '/nix/store/x-secrets.yaml': Error getting data key: 0 successful groups required, got 0",
        'no key of this machine decrypts /nix/store/x-secrets.yaml',
      ],
      [
        "sops-install-secrets: manifest is not valid: failed to lookup user 'prism': user: unknown user prism",
        'a secret shall belong to the user prism, which does not exist, so sops-nix installed none',
      ],
      [
        "sops-install-secrets: manifest is not valid: secret prism-env in /nix/store/x-secrets.yaml is not valid: the key 'prism-env' cannot be found",
        "/nix/store/x-secrets.yaml has no key 'prism-env', so sops-nix installed no secret",
      ],
      [
        'sops-install-secrets: failed to prepare new secrets directory: cannot access /run/secrets: readlink /run/secrets: invalid argument',
        '/run/secrets is no link but something of its own, so sops-nix installed nothing',
      ],
      [
        "sops-install-secrets: cannot read keyfile '/persist/key.txt': open /persist/key.txt: no such file or directory",
        'the key /persist/key.txt, with which sops-nix decrypts, cannot be read',
      ],
      ['sops-install-secrets: sops metadata not found', 'sops-nix says "sops metadata not found"'],
    ])('in its own words: %s', async (line, words) => {
      const [finding] = await verdicts(
        secretsFile,
        machine('healthy', missing({text: line, uid: 0})),
      )
      expect(finding).toMatchObject({code: 'missing', message: `${path} does not exist: ${words}`})
      expect(finding?.evidence[0]).toBe(line)
    })

    it('by the last try alone, and never in the words of others', async () => {
      const unknownUser =
        "sops-install-secrets: manifest is not valid: failed to lookup user 'prism': unknown"
      const told = async (edits: Edits) =>
        (await verdicts(secretsFile, machine('healthy', edits)))[0]?.message
      const silent = `${path} does not exist: sops has installed no secrets since boot`
      expect(await told(missing({text: unknownUser, uid: 1000}))).toBe(silent)
      const first = {text: unknownUser, uid: 0, invocation: 'a'}
      expect(await told(missing(first, {text: 'done', uid: 0, invocation: 'b'}))).toBe(silent)
      expect(await told(missing({text: unknownUser, kernel: true}))).toContain('the user prism')
    })
  })

  it('lets an optional file be missing', async () => {
    const host = machine('healthy', {
      readFile: {[path]: {kind: 'missing'}},
      show: {'prism-django.service': {EnvironmentFiles: `${path} (ignore_errors=yes)`}},
    })
    expect(await codes(secretsFile, host)).toEqual(['ok ok'])
  })

  it('expands a pattern as systemd does, and says where it could not', async () => {
    const healthy = recorded('healthy', 'readFile', path)
    const with_ = (pattern: string, list: readonly string[] | object | null) =>
      machine('healthy', {
        show: {'prism-django.service': {EnvironmentFiles: `${pattern} (ignore_errors=no)`}},
        list: {'/run/keys': list},
        stat: {
          '/run/keys': recorded('healthy', 'stat', '/run/secrets.d/1'),
          '/run/keys/a.env': recorded('healthy', 'stat', '/run/secrets.d/1/prism-env'),
        },
        readFile: {'/run/keys/a.env': healthy, [pattern]: {kind: 'missing'}},
      })
    expect(
      (await verdicts(secretsFile, with_('/run/keys/*.env', ['a.env', 'b.txt'])))[0]?.message,
    ).toContain('/run/keys/a.env')
    const [none] = await verdicts(secretsFile, with_('/run/keys/*.env', ['b.txt']))
    expect(none).toMatchObject({status: 'critical', code: 'missing'})
    expect(none?.message).toBe('no file matches EnvironmentFile=/run/keys/*.env')
    const denied = with_(
      '/run/keys/*.env',
      cannotLook('/run/keys may not be listed by this user', true),
    )
    await expect(codes(secretsFile, denied)).rejects.toMatchObject({
      name: 'CannotLook',
      privilege: true,
    })
    await expect(codes(secretsFile, with_('/run/*/a.env', []))).rejects.toThrow(
      'a pattern for directories',
    )
  })

  it('does not mistake a file that this user may not read for a missing one', async () => {
    const host = machine('healthy', {
      readFile: {[path]: cannotLook(`${path} may not be read by this user`, true)},
    })
    await expect(codes(secretsFile, host)).rejects.toMatchObject({
      name: 'CannotLook',
      privilege: true,
    })
  })
})
