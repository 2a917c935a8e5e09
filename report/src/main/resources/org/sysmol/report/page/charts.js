// Draws the charts of a page from its data. Colours come from the style sheet, so that a chart is
// light, dark or on paper with the page around it.
(function () {
  'use strict';
  var data = JSON.parse(document.getElementById('chart-data').textContent);
  var escape = echarts.format.encodeHTML;
  var drawn = [];
  var theme = {};

  function readTheme() {
    var style = getComputedStyle(document.documentElement);
    var get = function (name) { return style.getPropertyValue('--' + name).trim(); };
    theme = {
      ink: get('ink'), soft: get('soft'), line: get('line'), paper: get('paper'), panel: get('panel'),
      band: get('band'), rest: get('rest'),
      bits: [1, 2, 4, 8].map(function (b) { return echarts.color.parse(get('bits-' + b)); }),
      series: [1, 2, 3, 4, 5, 6, 7, 8, 9].map(function (i) { return get('series-' + i); }),
    };
  }

  // A precision's colour: 1, 2, 4 and 8 bits are the steps of the scale, others lie between.
  function bitsColour(bits) {
    var t = Math.min(3, Math.max(0, Math.log2(bits)));
    var low = Math.min(2, Math.floor(t));
    var part = t - low;
    var channel = function (i) {
      return Math.round(theme.bits[low][i] * (1 - part) + theme.bits[low + 1][i] * part);
    };
    return 'rgb(' + channel(0) + ',' + channel(1) + ',' + channel(2) + ')';
  }

  function number(value) {
    if (value === null || value === undefined || Number.isNaN(value)) return '–';
    if (Number.isInteger(value)) return value.toLocaleString('en-US');
    return Math.abs(value) >= 1000 ? Math.round(value).toLocaleString('en-US')
      : String(Number(value.toPrecision(4)));
  }

  function axis(extra) {
    return echarts.util.merge({
      nameLocation: 'middle', nameTextStyle: { color: theme.soft, fontSize: 12 },
      axisLabel: { color: theme.soft, fontSize: 12 }, axisLine: { show: true, lineStyle: { color: theme.line } },
      axisTick: { lineStyle: { color: theme.line } }, splitLine: { lineStyle: { color: theme.line, opacity: 0.6 } },
    }, extra, true);
  }

  function nameAxis(names, extra) {
    return axis(echarts.util.merge({
      type: 'category', data: names.map(function (n, i) { return i; }), inverse: true,
      splitLine: { show: false }, axisTick: { show: false },
      axisLabel: {
        color: theme.ink, interval: 0, width: 200, overflow: 'truncate',
        // Names of layers differ at their ends, so a long one loses its beginning.
        formatter: function (i) {
          var name = names[Number(i)];
          return name.length > 26 ? '…' + name.slice(-25) : name;
        },
      },
    }, extra || {}, true));
  }

  function base(chart) {
    return {
      animation: false, backgroundColor: 'transparent', textStyle: { fontFamily: getComputedStyle(document.body).fontFamily },
      aria: { enabled: true, label: { description: chart.title } },
      tooltip: { confine: true, backgroundColor: theme.panel, borderColor: theme.line, textStyle: { color: theme.ink, fontSize: 12 } },
      legend: { show: false },
    };
  }

  function dash(i) { return i < 9 ? 'solid' : i < 18 ? 'dashed' : 'dotted'; }

  function lineColour(chart, i) {
    var weak = chart.lines.slice(0, i).filter(function (l) { return !l.strong; }).length;
    var strongOnes = chart.lines.filter(function (l) { return l.strong; });
    if (chart.lines[i].strong && strongOnes.length === 1) return { colour: theme.ink, dash: 'solid' };
    var at = strongOnes.length === 1 ? weak : i;
    return { colour: theme.series[at % 9], dash: dash(at) };
  }

  function lines(chart, width) {
    var option = base(chart);
    var perStep = (width - 90) / Math.max(1, chart.steps);
    var short = chart.spans.some(function (s) { return (s.last - s.first + 1) * perStep < 7 * s.name.length; });
    option.grid = { left: 34, right: 24, top: 30, bottom: 30, containLabel: true };
    option.tooltip.trigger = 'axis';
    option.tooltip.formatter = function (points) {
      var text = escape(chart.x) + ' ' + points[0].value[0];
      points.forEach(function (p) {
        if (p.value[1] !== null) text += '<br>' + p.marker + escape(p.seriesName) + ': <b>' + number(p.value[1]) + '</b>';
      });
      return text;
    };
    option.xAxis = axis({
      type: 'value', name: chart.x, nameGap: 28, min: 0, max: Math.max(1, chart.steps), minInterval: 1,
      splitLine: { show: false },
    });
    option.yAxis = axis({ type: 'value', name: chart.y, nameGap: 42, scale: !chart.fromZero, splitNumber: 5 });
    option.series = chart.lines.map(function (line, i) {
      var look = lineColour(chart, i);
      return {
        type: 'line', name: line.name, connectNulls: true, z: line.strong ? 5 : 3,
        showSymbol: chart.steps <= 40, symbol: 'circle', symbolSize: line.strong ? 5 : 3.5,
        itemStyle: { color: look.colour }, lineStyle: { color: look.colour, type: look.dash, width: line.strong ? 2.6 : 1.3 },
        data: line.values.map(function (v, step) { return [step + 1, v]; }),
        emphasis: { focus: 'series' },
      };
    });
    // The phases hang on a line of their own, so that hiding a line of the legend leaves them.
    option.series.push({
      type: 'line', name: '', data: [], silent: true,
      markArea: {
        silent: true, label: { color: theme.soft, fontSize: 11, position: 'top', distance: 4 },
        data: chart.spans.map(function (s, i) {
          return [{
            name: short ? String(i + 1) : s.name, xAxis: s.first - 1,
            itemStyle: { color: i % 2 ? 'transparent' : theme.band },
          }, { xAxis: s.last }];
        }),
      },
      markLine: {
        silent: true, symbol: 'none', label: { show: false }, lineStyle: { color: theme.soft, type: 'dotted', width: 1 },
        data: chart.spans.slice(1).map(function (s) { return { xAxis: s.first - 1 }; }),
      },
    });
    return option;
  }

  // Both axes are logarithms of values, so that the bundle needs no axis of another kind.
  function points(chart) {
    var option = base(chart);
    var ten = function (pair) { return [Math.log10(pair[0]), Math.log10(pair[1])]; };
    var value = function (v) { return number(Number(Math.pow(10, v).toPrecision(3))); };
    var scale = function (name, gap) {
      return axis({
        type: 'value', name: name, nameGap: gap, scale: true,
        axisLabel: { formatter: value },
      });
    };
    option.grid = { left: 34, right: 24, top: 20, bottom: 30, containLabel: true };
    option.tooltip.trigger = 'item';
    option.tooltip.formatter = function (p) {
      return escape(p.name || p.seriesName) + '<br>' + escape(chart.x) + ': <b>' + value(p.value[0]) +
        '</b><br>' + escape(chart.y) + ': <b>' + value(p.value[1]) + '</b>';
    };
    option.xAxis = scale(chart.x, 28);
    option.yAxis = scale(chart.y, 46);
    option.series = chart.lines.map(function (line, i) {
      return {
        type: 'line', name: line.name, showSymbol: false, data: [ten(line.from), ten(line.to)],
        itemStyle: { color: theme.series[(i + 1) % 9] },
        lineStyle: { color: theme.series[(i + 1) % 9], width: 1.6, type: dash(i) },
      };
    });
    option.series.push({
      type: 'line', name: 'layers', symbol: 'circle', symbolSize: 8, showSymbol: true, showAllSymbol: true,
      lineStyle: { width: 0, opacity: 0 }, itemStyle: { color: theme.series[0] }, z: 5,
      data: chart.points.map(function (point) { return { name: point.name, value: ten(point.at) }; }),
    });
    return option;
  }

  function barColour(series) {
    if (series.rest) return theme.rest;
    return series.bits ? bitsColour(series.bits) : theme.series[series.palette % 9];
  }

  function bars(chart) {
    var option = base(chart);
    var count = chart.series.length;
    option.grid = { left: 10, right: chart.stacked ? 30 : 90, top: 8, bottom: 32, containLabel: true };
    option.tooltip.trigger = 'axis';
    option.tooltip.axisPointer = { type: 'shadow' };
    option.tooltip.formatter = function (points) {
      var at = points[0].dataIndex;
      return '<b>' + escape(chart.names[at]) + '</b>' + chart.series.map(function (s) {
        var spread = s.high.length ? ' (' + number(s.low[at]) + ' to ' + number(s.high[at]) + ')' : '';
        return '<br>' + escape(s.name) + ': ' + number(s.values[at]) + ' ' + escape(chart.unit) + spread;
      }).join('');
    };
    option.xAxis = axis({ type: 'value', name: chart.value, nameGap: 28, min: 0 });
    option.yAxis = nameAxis(chart.names);
    option.series = [];
    chart.series.forEach(function (s, i) {
      option.series.push({
        type: 'bar', name: s.name, stack: chart.stacked ? 'all' : undefined, data: s.values, barGap: '12%',
        barCategoryGap: '28%', itemStyle: { color: barColour(s), borderColor: theme.paper, borderWidth: chart.stacked ? 0.5 : 0 },
      });
      if (!chart.stacked) option.series.push(whiskers(s, i, count));
    });
    return option;
  }

  // The spread of each bar, and its value in figures behind it.
  function whiskers(s, index, count) {
    return {
      type: 'custom', name: s.name, silent: true, z: 4, tooltip: { show: false },
      data: s.values.map(function (v, i) { return [v, i, s.low.length ? s.low[i] : v, s.high.length ? s.high[i] : v]; }),
      encode: { x: [0, 2, 3], y: 1 },
      renderItem: function (params, api) {
        var value = api.value(0);
        if (value === null || Number.isNaN(value)) return undefined;
        var place = api.barLayout({ barGap: '12%', barCategoryGap: '28%', count: count })[index];
        var y = api.coord([0, api.value(1)])[1] + place.offsetCenter;
        var spread = s.high.length && Number.isFinite(api.value(3));
        var low = api.coord([spread ? api.value(2) : value, 0])[0];
        var high = api.coord([spread ? api.value(3) : value, 0])[0];
        var reach = Math.min(6, place.width / 3);
        var stroke = { stroke: theme.ink, lineWidth: 1.4, fill: null };
        var children = [{
          type: 'text', x: Math.max(high, api.coord([value, 0])[0]) + 7, y: y,
          style: { text: number(value), fill: theme.ink, fontSize: 12, textVerticalAlign: 'middle' },
        }];
        if (spread) {
          [[low, y, high, y], [low, y - reach, low, y + reach], [high, y - reach, high, y + reach]].forEach(function (l) {
            children.push({ type: 'line', shape: { x1: l[0], y1: l[1], x2: l[2], y2: l[3] }, style: stroke });
          });
        }
        return { type: 'group', children: children };
      },
    };
  }

  function heat(chart) {
    var option = base(chart);
    var widest = chart.rows.reduce(function (w, row) { return Math.max(w, row.values.length); }, 1);
    var cells = [];
    chart.rows.forEach(function (row, r) {
      for (var from = 0, to; from < row.values.length; from = to) {
        to = from + 1;
        while (!chart.continuous && to < row.values.length && row.values[to] === row.values[from]) to++;
        if (row.values[from] !== null) cells.push([from, to, r, row.values[from]]);
      }
    });
    option.grid = { left: 10, right: 24, top: 8, bottom: 32, containLabel: true };
    option.tooltip.trigger = 'item';
    option.tooltip.formatter = function (p) {
      var run = p.value[1] - p.value[0] > 1 ? 's ' + p.value[0] + ' to ' + (p.value[1] - 1) : ' ' + p.value[0];
      return '<b>' + escape(chart.rows[p.value[2]].name) + '</b><br>' + escape(chart.column) + run + ': <b>'
        + number(p.value[3]) + '</b> ' + escape(chart.unit);
    };
    option.xAxis = axis({
      type: 'value', name: chart.columns, nameGap: 28, min: 0, max: widest, minInterval: 1,
      interval: widest <= 256 && widest >= 16 ? (widest <= 64 ? 8 : widest <= 128 ? 16 : 32) : undefined,
      splitLine: { show: false },
    });
    option.yAxis = nameAxis(chart.rows.map(function (row) { return row.name; }), { splitArea: { show: false } });
    option.series = [{
      type: 'custom', progressive: 0, data: cells, encode: { x: [0, 1], y: 2, tooltip: 3 },
      renderItem: function (params, api) {
        var start = api.coord([api.value(0), api.value(2)]);
        var end = api.coord([api.value(1), api.value(2)]);
        var height = Math.max(2, api.size([0, 1])[1] * 0.8);
        var colour = bitsColour(api.value(3));
        // Channels stay countable where they are wide enough for a gap between them.
        var step = (end[0] - start[0]) / (api.value(1) - api.value(0));
        var gap = step >= 5 ? 1 : 0;
        var children = [];
        var count = gap ? api.value(1) - api.value(0) : 1;
        for (var i = 0; i < count; i++) {
          children.push({
            type: 'rect',
            shape: {
              x: gap ? start[0] + i * step : Math.round(start[0]), y: start[1] - height / 2,
              width: gap ? step - gap : Math.max(1, Math.round(end[0]) - Math.round(start[0])), height: height,
            },
            style: { fill: colour },
          });
        }
        return { type: 'group', children: children };
      },
    }];
    return option;
  }

  function swatch(colour, line, type) {
    var array = type === 'dashed' ? ' stroke-dasharray="5 3"' : type === 'dotted' ? ' stroke-dasharray="2 2"' : '';
    return line
      ? '<svg width="22" height="10" aria-hidden="true"><line x1="0" x2="22" y1="5" y2="5" stroke="' + colour
        + '" stroke-width="' + line + '"' + array + '/></svg>'
      : '<svg width="14" height="12" aria-hidden="true"><rect width="14" height="12" rx="2" fill="' + colour + '"/></svg>';
  }

  function toggles(holder, one, items) {
    items.forEach(function (item) {
      var button = document.createElement('button');
      button.type = 'button';
      button.innerHTML = item.swatch;
      button.appendChild(document.createTextNode(item.name));
      button.setAttribute('aria-pressed', String(!one.hidden[item.name]));
      button.addEventListener('click', function () {
        one.hidden[item.name] = !one.hidden[item.name];
        button.setAttribute('aria-pressed', String(!one.hidden[item.name]));
        one.instance.dispatchAction({ type: 'legendToggleSelect', name: item.name });
      });
      holder.appendChild(button);
    });
  }

  function note(holder, html, text, style) {
    var span = document.createElement('span');
    span.className = style;
    span.innerHTML = html;
    span.appendChild(document.createTextNode(text));
    holder.appendChild(span);
  }

  function legend(holder, one) {
    var chart = one.chart;
    holder.textContent = '';
    if (chart.kind === 'heat') {
      note(holder, '', chart.value + ':', 'key');
      var steps = [1, 2, 4, 8];
      if (!chart.continuous) {
        var seen = {};
        chart.rows.forEach(function (row) { row.values.forEach(function (v) { if (v !== null) seen[v] = true; }); });
        steps = Object.keys(seen).map(Number).sort(function (a, b) { return a - b; });
      } else {
        var most = 4;
        chart.rows.forEach(function (row) { row.values.forEach(function (v) { most = Math.max(most, v); }); });
        steps = most > 4 ? [1, 1.4, 2, 2.8, 4, 5.6, 8] : [1, 1.4, 2, 2.8, 4];
      }
      steps.forEach(function (b) { note(holder, swatch(bitsColour(b)), number(b), 'key'); });
    } else if (chart.kind === 'lines') {
      toggles(holder, one, chart.lines.map(function (line, i) {
        var look = lineColour(chart, i);
        return { name: line.name, swatch: swatch(look.colour, line.strong ? 3 : 1.6, look.dash) };
      }));
      if (chart.spans.length) {
        note(holder, '', 'Phases: ' + chart.spans.map(function (s, i) {
          return (i + 1) + ' ' + s.name + ' (' + s.first + (s.last > s.first ? '–' + s.last : '') + ')';
        }).join(' · '), 'phases');
      }
    } else if (chart.kind === 'points') {
      toggles(holder, one, chart.lines.map(function (line, i) {
        return { name: line.name, swatch: swatch(theme.series[(i + 1) % 9], 1.6, dash(i)) };
      }));
    } else if (chart.series.length > 1) {
      toggles(holder, one, chart.series.map(function (s) { return { name: s.name, swatch: swatch(barColour(s)) }; }));
    }
  }

  function height(chart) {
    if (chart.kind === 'lines' || chart.kind === 'points') return 340;
    if (chart.kind === 'heat') return 60 + chart.rows.length * (chart.rows.length > 40 ? 16 : 26);
    return 62 + chart.names.length * (chart.stacked ? 28 : 14 + 18 * chart.series.length);
  }

  function draw(one) {
    var make = { lines: lines, bars: bars, heat: heat, points: points }[one.chart.kind];
    var option = make(one.chart, one.instance.getWidth());
    option.legend.selected = {};
    Object.keys(one.hidden).forEach(function (name) { option.legend.selected[name] = !one.hidden[name]; });
    one.instance.setOption(option, true);
    legend(one.legend, one);
  }

  function redraw(width) {
    readTheme();
    drawn.forEach(function (one) {
      one.instance.resize(width ? { width: width } : { width: 'auto' });
      draw(one);
    });
  }

  function cellCount(chart) {
    return chart.kind === 'heat' ? chart.rows.reduce(function (n, row) { return n + row.values.length; }, 0) : 0;
  }

  readTheme();
  document.querySelectorAll('[data-chart]').forEach(function (box) {
    var chart = data[Number(box.getAttribute('data-chart'))];
    box.style.height = height(chart) + 'px';
    drawn.push({
      chart: chart, hidden: Object.create(null),
      legend: document.querySelector('[data-legend="' + box.getAttribute('data-chart') + '"]'),
      // Vectors print sharp; tens of thousands of cells are better painted.
      instance: echarts.init(box, null, { renderer: cellCount(chart) > 8000 ? 'canvas' : 'svg' }),
    });
  });
  drawn.forEach(draw);

  var timer;
  window.addEventListener('resize', function () {
    clearTimeout(timer);
    timer = setTimeout(function () { redraw(); }, 120);
  });
  window.matchMedia('(prefers-color-scheme: dark)').addEventListener('change', function () { redraw(); });
  window.addEventListener('beforeprint', function () {
    document.documentElement.classList.add('print');
    redraw(680);
  });
  window.addEventListener('afterprint', function () {
    document.documentElement.classList.remove('print');
    redraw();
  });
})();
