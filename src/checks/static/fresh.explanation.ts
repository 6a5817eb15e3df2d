import type {Explanation} from '../../report/finding.ts'

export const explanation = {
  why: `In the Nix store every file has the time 1, so collectstatic takes what is there for newer
than what it should copy. Without a manifest, visitors get the old style after every upgrade. And if
somebody collects by hand, the running service keeps using the old names: Django and WhiteNoise read
what is there once, at start.`,
  asks: `The content of the package's static files is compared with what was collected: with the
hash in the name that the manifest gives, otherwise with the file itself. collectstatic rewrites the
names of other files in style sheets and scripts, so these are compared without such names. The time
of the manifest is compared with the start of the main process.`,
  findings: {
    stale: {
      means: 'The collected files come from another version of the package than the deployed one.',
      remedy: `Collect with --clear while the service is stopped, or restart the service if its unit
collects.`,
    },
    'collected-later': {
      means: `The files were collected after the process had started: it still names and serves the
old ones.`,
      remedy: 'Restart the service.',
    },
  },
  mistakenFor: `Files of earlier versions may lie beside those of today. With a manifest an unhashed
copy may be old, since nobody asks for it. A style sheet that names other files is rewritten when it
is collected, so its hash differs from that of its source. Times within the store say nothing.`,
} satisfies Explanation
