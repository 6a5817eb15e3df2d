import {run} from '../container/container.ts'

/**
 * What a visitor sees: pages that ask the database, as the application and as nginx answer, and a
 * static file.
 */
const script = `
app=http://127.0.0.1:8000 site=http://prism.midship.local
home=$(curl -sS $site/)
grep -q '/static/css/site' <<<"$home" || echo 'no style sheet'
questions=()
for url in {$app,$site}{/,/accounts/login/,/admin/login/} $(grep -o '/static/[^"]*' <<<"$home" | sed "s,^,$site,"); do
  questions+=(-o /dev/null "$url")
done
curl -sS -w '%{http_code} %{url_effective}\n' "\${questions[@]}" | grep -v '^200 '
`

/** Throws unless the deployment works. */
export async function checkHealth(instance: number): Promise<void> {
  const {stdout, stderr} = await run(instance, ['bash'], {input: script})
  if (!stdout && !stderr) return
  const journal = await run(instance, ['journalctl', '--boot', '--no-pager', '--lines=60'])
  throw new Error(`the deployment is not healthy:\n${stdout}${stderr}${journal.stdout}`)
}
