console.log(`post of ${process.env.INPUT_WHO} with ${process.env.STATE_k}`)
