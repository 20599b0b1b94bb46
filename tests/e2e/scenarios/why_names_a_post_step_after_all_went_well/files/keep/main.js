console.log("restored");
