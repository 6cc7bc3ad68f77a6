/** A name of two words for a record: the twin of `intake/record/names.py`. */

import { hexDecode, utf8 } from "../../../src/crypto/encoding.ts";
import { sha256 } from "../../../src/crypto/primitives.ts";
import { ENGLISH } from "../../../src/crypto/receipt_words.ts";

const DOMAIN = utf8("intake/record-name/v1");
const STEMS = `
abnormal abras achin afflict aghast agon amuck amus anger angri anguish armed arous arrest arrogan arson
asham atroc aveng awkward babbl backhand backstab bad barrack bash batter battl bazook blab blam blasph
blast blight bloat blob blubb blunder bone boog browbeat brownnos bruis brunt brut buckshot buffoon
bulldoz bullfight bullwhip bully cage calam captiv captur carnage casket casual catacomb catat catcall
catfight celib cesspool chaf chastis chimp chok chubb chump clobber clubb clums clunk coerc coma confess
confin contempt contus cram craz cri crouch crud cruel crumm crush cry culprit curs cuss cut dagger
danger darn dastard deaf deceas deceit deceiv decept defac defam defect defil defraud degrad delir
delous delus demean demis denatur deni deplor deport depos deprav depress depriv derang desecr desolat
despair despis destitut destruct detent detest detonat devian deviat devious devour diabol dingbat dirt
disab disarm disaster disdain disfigur disgrac dislik dislocat dislodg disloyal dismay disorder displac
displeas dispos disregard disrupt distort distract distress distrust ditch ditzy dizz dodg dork douche
drab drag dread drear drool drown drudg dull dump dupe dupl duress dwarf dweeb egoman egot eject embattl
embezz endanger engorg enrag enslav ensnar entang entomb entrap errat escap evad evict evil excre exhum
exorc expel explet explod exploit expos expuls extort facel fail false famish fanat fascis feeb fester
fetal filth flacc flail flak flinch fling flop fondl fool fractur frail frantic fray frenz fret fright
frigid frivol frown frustr gaff gag gallow gang garbag gaunt gawk geek gigol glar gloat gloom glutt
gnarl goof goon gor grave grief griev grill grim grinch grit grope growl grub grudg gruel gruff grumb
grunge grunt gull gut hack harm harsh hassl hate hatred haunt hazard hazing headless headlock headsman
headston heav henchm huff humil humpb hunch hunger hungr hunk hunt hurl hurt hypocri idio ill imbecil
immatur immobil immod immoral impal imped imperfec impolit impot impris imprud impur irat irk irrit jab
jackal jail jeer jockstrap junk kick kiss lash laxat laz less letharg limp lumpish lunac lurch lurid
lust lying mace maggot maim malform mang manhand manhunt marauding massag moan mob mock mongrel monst
mooch morbid morph mort mourn mud mug mumb mummi mummy munch murk mush musk mutat mute mutil mutin mutt
muzzl nag nast neglect negli nemes nerd nerv neuros neurot nicot numb nut oaf oblivi obnox obsc obsess
obtus ogl omin opium oppress outburst outcast outrag outrank overkill pagan palp pang panic pant paral
parasit parol pauper penal perish perjur pesk pest petti phobia phon plod plunder poison pok pouc poun
prank pred pregn pretend pretense prison prob profan prowl prozac prud psych pulp pulver pummel punch
punis punk puppet purg pusher pushi pushover pushy putd quack quak quarrel quiver rabid racis raid ramp
ramr rancid ransack rant rascal rash rav reckless rectal refus regress relaps reluct remors repress
reprimand reproach reprod repugn repuls retali reveng revolt revolver rigid riot ritalin rogue rot rubbi
ruin rup ruse sabot sadden sadly sadn sag sarcas savage scab scald scalp scam scandal scapeg scar scav
scoff scold scorch scorn scoundrel scour scowl scraggl scrap scratch scrawn scroung scrubb scruff scurv
secre sedat seduc seiz sensual sensuous sever shabb shack shad shak sham shank sharp shifty shiver shock
shoplift shove shred shriek shrill shrivel shroud shudder shut sinist sinn skelet skimp skinh skinl
skinn skint slack slain slam slander slap slash slaw slim sling slip slit slobb slop slouch sludg slug
slum slurp slush sly smash smirk smite smoth smudg smug snag snap snar sneak sneer snid sniff snitch
snoop snort snub spear spew splatt spoil spook spur squabb squal squand squash squeal squeam stab
stagnat stain stale stammer starv stench steril stiff stifl sting stink stole stomp stoning stooge
strain strangl stress strif strik struck struggl strung stubborn stumb stump stun stupor subdu suffer
suffoc sulk surrend susp swear sweat swore taint tamp tantrum tattl taunt theft thiev thrash threat
throb throttl throwaway thud thump thwart timid traged traitor trap trash travest treach treason tremb
tremor trench trespass trick troubl twerp twitch unabl unarm unaw uncar uncivil unclad uncloth uncouth
undead underdog undress uneas unethical unfair unfeel ungodly unguard unhapp unharm unhealth unholy
uninjur uninvit unjust unkempt unkind unlaw unlik unliv unlov unluck unmoral unnatur unnerv unpopular
unruly unsafe unsaid unseem unsight unskill unstabl unsteady untru unwant unwash unwelc unwell unwomanly
unworth upchuck uproot uptight useless vagab vagran valium vendett veng venom vex vice villain violat
viper virus wack whack whin wick wilt wimp winc womb worri worse worst wound wrangl wrath wreck wrench
wrong yank yell zit zomb
`;
const UNFIT = new RegExp(`^(?:${STEMS.trim().split(/\s+/).join("|")})`);

export function recordName(record: string): string {
  const digest = sha256(DOMAIN, hexDecode(record, 32));
  return `${fit((digest[0]! << 8) | digest[1]!)}-${fit((digest[2]! << 8) | digest[3]!)}`;
}

function fit(number: number): string {
  while (UNFIT.test(ENGLISH[number % ENGLISH.length]!)) number++;
  return ENGLISH[number % ENGLISH.length]!;
}
