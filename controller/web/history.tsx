import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import type { SiteView } from '../../shared/view.ts';
import { clock, power } from './format.ts';
import { NO_SAMPLES, type Samples, sample } from './samples.ts';

const HEIGHT_PX = 170;

/** Power against the cap and miners hashing, since the page was opened. */
export function History({ site }: { site: SiteView }) {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const samples = useRef<Samples>(NO_SAMPLES);
  samples.current = sample(samples.current, site);

  useEffect(() => {
    const element = box.current;
    if (element === null) return;
    const make = (): void => {
      plot.current?.destroy();
      plot.current = new uPlot(chart(element.clientWidth, site.miners.length), data(samples.current), element);
    };
    make();
    const resized = new ResizeObserver(() => plot.current?.setSize({ width: element.clientWidth, height: HEIGHT_PX }));
    resized.observe(element);
    const dark = matchMedia('(prefers-color-scheme: dark)');
    dark.addEventListener('change', make);
    return () => {
      resized.disconnect();
      dark.removeEventListener('change', make);
      plot.current?.destroy();
    };
  }, []);
  useEffect(() => {
    plot.current?.setData(data(samples.current));
    // Away from the pointer the legend tells the present.
    if (plot.current?.cursor.idx == null) plot.current?.setLegend({ idx: samples.current.atS.length - 1 }, false);
  }, [samples.current]);
  return (
    <section class="panel history" aria-labelledby="history">
      <h2 id="history">Since this page was opened</h2>
      <div ref={box} class="plot" />
    </section>
  );
}

const data = ({ atS, drawW, committedW, capW, hashing }: Samples): uPlot.AlignedData =>
  [atS, drawW, committedW, capW, hashing].map((column) => [...column]) as unknown as uPlot.AlignedData;

function chart(width: number, miners: number): uPlot.Options {
  const color = (name: string): string => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const watts = { scale: 'W', value: (_: uPlot, value: number | null) => power(value) };
  const axis = {
    stroke: color('--dim'),
    grid: { stroke: color('--line'), width: 1 },
    ticks: { show: false },
    font: '11px system-ui',
  };
  return {
    width,
    height: HEIGHT_PX,
    padding: [8, 0, 0, 0],
    cursor: { y: false, points: { size: 5 } },
    legend: { live: true, markers: { width: 2 } },
    scales: {
      x: { time: true },
      W: { range: (_, __, most) => [0, Math.max(1, most * 1.05)] },
      miners: { range: () => [0, Math.max(1, miners * 1.05)] },
    },
    axes: [
      { ...axis, size: 26, values: (_, splits) => splits.map((s) => clock(s * 1_000)), space: 76 },
      { ...axis, scale: 'W', size: 64, values: (_, splits) => splits.map((value) => power(value)), space: 34 },
      { ...axis, scale: 'miners', side: 1, size: 42, grid: { show: false }, space: 34 },
    ],
    series: [
      { label: 'at', value: (_, s) => (s === null ? '' : clock(s * 1_000)) },
      { ...watts, label: 'drawn', stroke: color('--drawn'), width: 1.8, fill: color('--drawn-soft') },
      { ...watts, label: 'committed', stroke: color('--committed'), width: 1.2 },
      { ...watts, label: 'cap', stroke: color('--alarm'), width: 1.2, dash: [5, 4] },
      { scale: 'miners', label: 'hashing', stroke: color('--look-hashing'), width: 1.6 },
    ],
  };
}
