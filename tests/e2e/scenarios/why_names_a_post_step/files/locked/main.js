console.log ('locked');
