const [command, ...rest] = process.argv.slice(2)

// The hub and its client share a name and nothing else: the client must stay light and never load the server.
if (command === 'serve') await (await import('../server/main.ts')).main(rest)
else await (await import('../cli/main.ts')).main(process.argv.slice(2))
