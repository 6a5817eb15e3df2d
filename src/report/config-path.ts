/** The configuration that is read when none is named. */
export const defaultConfigPath = '/etc/prism-doctor/config.toml'
