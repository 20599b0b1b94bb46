const fs = require('fs')
console.log(`main of ${process.env.INPUT_WHO} in ${process.cwd()}`)
fs.appendFileSync(process.env.GITHUB_OUTPUT, `greeting=hello ${process.env.INPUT_WHO}\n`)
fs.appendFileSync(process.env.GITHUB_STATE, 'k=kept\n')
