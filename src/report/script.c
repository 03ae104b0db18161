/* SPDX-License-Identifier: MIT
 *
 * script.c — the page's script: labels of curves that make room for each other, and the browser of groups.
 *
 * Texts of a run are only ever set as text nodes (textContent), never as markup.
 */
#include "internal.h"

static const char *const lines[] = {
    "'use strict';",
    "(function(){",
    "const el=(tag,cls,text)=>{const e=document.createElement(tag);if(cls)e.className=cls;",
    " if(text!==undefined)e.textContent=text;return e};",
    "const by=id=>document.getElementById(id);",
    "/* labels */",
    "const place=()=>document.querySelectorAll('.panel svg').forEach(svg=>{",
    " const seen=[...svg.querySelectorAll('.lb')].filter(t=>{const b=by('show-'+t.classList[1].slice(1));return "
    "!b||b.checked});",
    " const wish=seen.map(t=>({t,y:+t.dataset.y})).sort((a,b)=>a.y-b.y);let free=14;",
    " wish.forEach(w=>{w.y=Math.max(w.y,free);free=w.y+12});free=186;",
    " wish.reverse().forEach(w=>{w.y=Math.min(w.y,free);free=w.y-12;w.t.setAttribute('y',w.y)})});",
    "document.querySelectorAll('.rows input').forEach(b=>b.addEventListener('change',place));place();",
    "/* groups */",
    "const all=JSON.parse(by('groups-data').textContent);",
    "const row=by('g-row'),cell=by('g-cell'),only=by('g-only'),shade=by('g-shade'),at=by('g-at'),note=by('g-token');",
    "let list=[];by('browser').hidden=false;",
    "if(!all.length){by('browser').textContent='No groups were logged in these runs.';return}",
    "const fill=(select,values)=>{const old=select.value;select.replaceChildren(...values.map(v=>{const "
    "o=el('option','',v);",
    " o.value=v;return o}));if(values.includes(old))select.value=old};",
    "const distinct=a=>[...new Set(a)];",
    "const num=(x,d)=>x===null||x===undefined||!isFinite(x)?'–':x.toFixed(d).replace('-','−');",
    "const weightAt=(r,k)=>Array.isArray(r.weight)?r.weight[k]:r.weight;",
    "function tokens(r,scale){",
    " const p=el('p','text');",
    " if(!Array.isArray(r.pieces)){p.textContent=r.text;return p}",
    " r.pieces.forEach((piece,k)=>{const w=weightAt(r,k)||0,lp=(r.logp||[])[k];",
    "  const s=el('span','tok',piece===''?'\\u200b':piece.replace(/\\n/g,'⏎\\n'));",
    "  "
    "if(shade.value==='w'&&w!==0)s.style.background='rgba(var(--'+(w>0?'up':'down')+'),'+(0.08+0.47*Math.abs(w)/"
    "scale)+')';",
    "  if(shade.value==='p'&&lp<0)s.style.background='rgba(var(--rare),'+Math.min(0.55,-lp*0.12)+')';",
    "  const say='“'+piece.replace(/\\n/g,'⏎')+'” probability '+num(Math.exp(lp),3)+', log π '+num(lp,3)+', weight "
    "'+num(w,3);",
    "  "
    "s.title=say;s.addEventListener('click',()=>{document.querySelectorAll('.tok.on').forEach(t=>t.classList.remove('on'))"
    ";",
    "   s.classList.add('on');note.textContent=say});p.append(s)});return p}",
    "function answer(r,i,scale,kind){",
    " const c=el('div','card '+kind),h=el('h4');",
    " h.append((i+1)+'. '+({policy:'rollout',expert:'expert’s text',rephrased:'rephrasing'}[r.source]||r.source)+",
    "  (kind==='gone'?', left the group':kind==='new'?', took its place':'')+' ');",
    " h.append(el('span','tag '+(r.reward>0?'good':'bad'),'reward '+num(r.reward,2)),el('span','tag',(r.verdict||'no "
    "verdict')+",
    "  (r.reason?', '+r.reason:'')));",
    " if(r.false_steps>0)h.append(el('span','tag bad',r.false_steps+' false step'+(r.false_steps>1?'s':'')));",
    " if(r.stopped===false)h.append(el('span','tag bad','cut'));",
    " if(r.advantage!==undefined)h.append(el('span','tag','advantage '+num(r.advantage,2)));",
    " c.append(h,tokens(r,scale));return c}",
    "function box(title,text){const c=el('div','card');c.append(el('h4','',title),el('p','text',text));return c}",
    "function show(){",
    " const out=by('g-group');out.replaceChildren();note.textContent='';",
    " const d=list[+at.value];by('g-step').textContent=d?'step '+d.group.step+' ('+(+at.value+1)+' of "
    "'+list.length+')':'none';",
    " if(!d)return;const g=d.group,two=el('div','two'),rows=Array.isArray(g.rows)?g.rows:[];",
    " let "
    "scale=1e-9;rows.forEach(r=>(Array.isArray(r.weight)?r.weight:[r.weight]).forEach(w=>{if(Math.abs(w)>scale)scale=Math."
    "abs(w)}));",
    " const q=el('div','two');q.append(box('Question'+(g.family?' · '+g.family:'')+(g.tier?' · "
    "'+g.tier:''),g.question||''),",
    "  box('Gold answer',g.answer||''));out.append(q);",
    " if(g.solution)two.append(box('Expert’s solution',g.solution));",
    " two.append(box('Rephrasing'+(g.rephrase?': '+g.rephrase.replace(/_/g,' '):''),g.rephrase_text||'none was "
    "sampled'));out.append(two);",
    " out.append(el('p','about',shade.value==='w'?'Blue: made likelier. Orange: made less likely. Strongest shade here: "
    "|weight| '+",
    "  num(scale,3)+'.':shade.value==='p'?'The stronger the shade, the less likely the policy found the token.':''));",
    " const grid=el('div','two');",
    " rows.forEach((r,i)=>{if(i===g.replaced&&g.before)grid.append(answer(g.before,i,scale,'gone'));",
    "  grid.append(answer(r,i,scale,i===g.replaced?'new':''))});out.append(grid)}",
    "function choose(){",
    " fill(cell,distinct(all.filter(d=>d.row===row.value).map(d=>d.cell)));",
    " list=all.filter(d=>d.row===row.value&&d.cell===cell.value&&(!only.checked||d.group.replaced>=0));",
    " at.max=Math.max(0,list.length-1);at.value=at.max;show()}",
    "fill(row,distinct(all.map(d=>d.row)));",
    "const telling=all.filter(d=>d.group.replaced>=0)[0];if(telling)row.value=telling.row;",
    "[row,cell,only].forEach(e=>e.addEventListener('change',choose));shade.addEventListener('change',show);",
    "at.addEventListener('input',show);",
    "const step=n=>()=>{at.value=+at.value+n;show()};",
    "by('g-back').addEventListener('click',step(-1));by('g-next').addEventListener('click',step(1));",
    "choose();",
    "})();",
};

void rp_report_script(rp_buffer *out) {
    rp_buffer_text(out, "<script>\n");
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        rp_buffer_text(out, lines[i]);
        rp_buffer_char(out, '\n');
    }
    rp_buffer_text(out, "</script>\n");
}
