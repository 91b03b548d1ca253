import(new URL("./assets/element-CuzSK6sK.js", document.currentScript.src))
