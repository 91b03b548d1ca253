import { render } from 'preact'
import "./style.css"

render(<h1>Longhaul</h1>, document.getElementById('app')!)
