import { render } from 'preact';
import { App } from './app.tsx';
import { follow } from './stream.ts';
import './style.css';
import './panels.css';
import 'uplot/dist/uPlot.min.css';

const root = document.getElementById('app');
if (root) {
  root.replaceChildren();
  render(<App />, root);
  follow();
}
