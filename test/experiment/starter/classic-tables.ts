// Tables of the shape of well-known ones, with planted signals: what people try a tool on first.

import { draws } from './draws.ts'
import type { Draws } from './draws.ts'

export type Cell = number | string | boolean | null
export type Row = Readonly<Record<string, Cell>>
/** The meaning of a column: dates are ISO 8601, flags true or false; ids, free text and constants tell nothing. */
export type Meaning = 'number' | 'category' | 'flag' | 'date' | 'text' | 'id'

export type ClassicTable = {
  readonly name: string
  readonly target: string
  /** The test metric that is compared. */
  readonly metric: 'accuracy' | 'auc' | 'r2_score'
  readonly meanings: Readonly<Record<string, Meaning>>
  readonly rows: readonly Row[]
}

/** The rows of a table in a seeded order of its own. */
function table(
  name: string,
  [target, metric]: readonly [string, ClassicTable['metric']],
  count: number,
  meanings: Readonly<Record<string, Meaning>>,
  row: (draw: Draws, i: number) => Row,
): () => ClassicTable {
  return () => {
    const draw = draws(name)
    return { name, target, metric, meanings, rows: Array.from({ length: count }, (_, i) => row(draw, i)) }
  }
}

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x))
const round = (x: number, digits = 0): number => Number(x.toFixed(digits))
const clamp = (x: number, low: number, high: number): number => Math.min(high, Math.max(low, x))

const iris = table(
  'iris',
  ['species', 'accuracy'],
  150,
  { sepal_length: 'number', sepal_width: 'number', petal_length: 'number', petal_width: 'number' },
  (draw, i) => {
    const kind = i % 3
    const near = (means: readonly number[], deviation: number) =>
      round((means[kind] ?? 0) + deviation * draw.normal(), 1)
    return {
      sepal_length: near([5, 5.9, 6.6], 0.5),
      sepal_width: near([3.4, 2.8, 3], 0.35),
      petal_length: near([1.5, 4.3, 5.6], 0.45),
      petal_width: near([0.2, 1.3, 2], 0.2),
      species: ['setosa', 'versicolor', 'virginica'][kind] ?? '',
    }
  },
)

const passengers = table(
  'passengers',
  ['Survived', 'auc'],
  891,
  {
    PassengerId: 'id',
    Pclass: 'number',
    Name: 'text',
    Sex: 'category',
    Age: 'number',
    SibSp: 'number',
    Ticket: 'id',
    Fare: 'number',
    Cabin: 'id',
    Embarked: 'category',
  },
  (draw, i) => {
    const [rank, woman, age] = [
      draw.pick([1, 2, 3, 3]),
      draw.chance(0.35),
      round(clamp(30 + 14 * draw.normal(), 1, 80)),
    ]
    const score = (woman ? 1.6 : -1.1) + 0.9 * (2 - rank) - 0.02 * (age - 30) + (age < 10 ? 1 : 0)
    return {
      PassengerId: i + 1,
      Survived: draw.chance(sigmoid(score)) ? 1 : 0,
      Pclass: rank,
      Name: `Person ${i}, ${woman ? 'Mrs' : 'Mr'} of the ${draw.pick(['north', 'south', 'east'])}`,
      Sex: woman ? 'female' : 'male',
      Age: draw.chance(0.2) ? null : age,
      SibSp: draw.pick([0, 0, 0, 1, 1, 2]),
      Ticket: `${draw.pick(['A/5 ', 'PC ', ''])}${10000 + draw.below(90000)}`,
      Fare: round(Math.exp(4 - 0.7 * rank + 0.5 * draw.normal()), 4),
      Cabin: draw.chance(0.77) ? null : `${draw.pick(['A', 'B', 'C'])}${draw.below(120)}`,
      Embarked: draw.pick(['S', 'S', 'S', 'C', 'Q']),
    }
  },
)

const jobs = ['Prof-specialty', 'Craft-repair', 'Sales', 'Exec-managerial', 'Other-service', 'Armed-Forces']
const income = table(
  'income',
  ['income', 'auc'],
  2000,
  {
    age: 'number',
    workclass: 'category',
    fnlwgt: 'number',
    education: 'category',
    'marital-status': 'category',
    occupation: 'category',
    sex: 'category',
    'capital-gain': 'number',
    'hours-per-week': 'number',
    'native-country': 'category',
  },
  (draw) => {
    const [age, years, married] = [17 + draw.below(60), draw.below(5), draw.chance(0.5)]
    const job = draw.chance(0.002) ? 5 : draw.below(5)
    const [hours, gain] = [
      round(clamp(40 + 11 * draw.normal(), 5, 99)),
      draw.chance(0.08) ? draw.below(20000) : 0,
    ]
    const score =
      -3.2 + 0.03 * (age - 38) + 0.7 * years + (married ? 1.4 : -0.9) + [0.5, -0.3, 0, 0.8, -1.2, 0][job]!
    return {
      age,
      workclass: draw.chance(0.06) ? null : draw.pick(['Private', 'Private', 'Self-emp', 'Federal-gov']),
      fnlwgt: round(190000 + 100000 * Math.abs(draw.normal())),
      education: ['11th', 'HS-grad', 'Some-college', 'Bachelors', 'Masters'][years] ?? '',
      'marital-status': married ? 'Married-civ-spouse' : draw.pick(['Never-married', 'Divorced']),
      occupation: jobs[job] ?? '',
      sex: draw.pick(['Male', 'Female']),
      'capital-gain': gain,
      'hours-per-week': hours,
      'native-country': draw.chance(0.9) ? 'United-States' : `Country-${draw.below(30)}`,
      income: draw.chance(sigmoid(score + 0.03 * (hours - 40) + gain / 4000)) ? '>50K' : '<=50K',
    }
  },
)

const wine = table(
  'wine',
  ['quality', 'accuracy'],
  1599,
  {
    'fixed acidity': 'number',
    'volatile acidity': 'number',
    'residual sugar': 'number',
    'free sulfur dioxide': 'number',
    density: 'number',
    sulphates: 'number',
    alcohol: 'number',
  },
  (draw) => {
    const [acid, sulphates, alcohol] = [
      0.53 + 0.18 * draw.normal(),
      0.66 + 0.16 * draw.normal(),
      10.4 + draw.normal(),
    ]
    const quality =
      5.6 + 0.5 * (alcohol - 10.4) - 1.6 * (acid - 0.53) + 1.2 * (sulphates - 0.66) + 0.5 * draw.normal()
    return {
      'fixed acidity': round(8.3 + 1.7 * draw.normal(), 1),
      'volatile acidity': round(acid, 3),
      'residual sugar': round(2.5 * Math.exp(0.4 * draw.normal()), 1),
      'free sulfur dioxide': round(16 * Math.exp(0.5 * draw.normal())),
      density: round(0.9967 + 0.0015 * draw.normal() - 0.0005 * (alcohol - 10.4), 5),
      sulphates: round(sulphates, 2),
      alcohol: round(alcohol, 1),
      quality: clamp(Math.round(quality), 3, 8),
    }
  },
)

const cars = table(
  'cars',
  ['mpg', 'r2_score'],
  398,
  {
    cylinders: 'number',
    displacement: 'number',
    horsepower: 'number',
    weight: 'number',
    acceleration: 'number',
    'model year': 'number',
    origin: 'category',
    'car name': 'id',
  },
  (draw, i) => {
    const cylinders = draw.pick([4, 4, 4, 6, 8, 8])
    const weight = round(1100 + 330 * cylinders + 300 * draw.normal())
    const year = 70 + draw.below(13)
    return {
      mpg: round(46 - 0.0078 * weight + 0.6 * (year - 76) + 2.4 * draw.normal(), 1),
      cylinders,
      displacement: round(40 * cylinders + 20 * draw.normal()),
      horsepower: draw.chance(0.015) ? null : round(20 * cylinders + 15 * draw.normal()),
      weight,
      acceleration: round(15.5 + 2.7 * draw.normal(), 1),
      'model year': year,
      origin: draw.pick(['usa', 'usa', 'japan', 'europe']),
      'car name': `${draw.pick(['ford', 'buick', 'toyota'])} model ${i}`,
    }
  },
)

const housing = table(
  'housing',
  ['median_house_value', 'r2_score'],
  1500,
  {
    longitude: 'number',
    latitude: 'number',
    housing_median_age: 'number',
    total_rooms: 'number',
    total_bedrooms: 'number',
    median_income: 'number',
    ocean_proximity: 'category',
  },
  (draw) => {
    const [longitude, latitude] = [-124 + 10 * draw.uniform(), 32.5 + 9 * draw.uniform()]
    const [income, rooms] = [
      3.8 * Math.exp(0.45 * draw.normal()),
      round(2600 * Math.exp(0.7 * draw.normal())),
    ]
    const inland = longitude + 0.9 * latitude > -86
    const island = draw.chance(0.001)
    return {
      longitude: round(longitude, 2),
      latitude: round(latitude, 2),
      housing_median_age: 1 + draw.below(52),
      total_rooms: rooms,
      total_bedrooms: draw.chance(0.01) ? null : round(0.2 * rooms),
      median_income: round(income, 4),
      median_house_value: round(
        clamp(60000 + 38000 * income - (inland ? 70000 : 0) + 45000 * draw.normal(), 15000, 500001),
      ),
      ocean_proximity: island
        ? 'ISLAND'
        : inland
          ? 'INLAND'
          : draw.pick(['<1H OCEAN', 'NEAR BAY', 'NEAR OCEAN']),
    }
  },
)

const grades = ['Fair', 'Good', 'Very Good', 'Premium', 'Ideal']
const diamonds = table(
  'diamonds',
  ['price', 'r2_score'],
  2500,
  {
    carat: 'number',
    cut: 'category',
    color: 'category',
    clarity: 'category',
    depth: 'number',
    table: 'number',
    x: 'number',
  },
  (draw) => {
    const carat = round(clamp(0.7 * Math.exp(0.55 * draw.normal()), 0.2, 4), 2)
    const [cut, color, clarity] = [draw.below(5), draw.below(7), draw.below(8)]
    const price = 3900 * carat ** 1.7 * (1 + 0.03 * cut - 0.07 * color + 0.09 * clarity)
    return {
      carat,
      cut: grades[cut] ?? '',
      color: 'DEFGHIJ'[color] ?? '',
      clarity: ['I1', 'SI2', 'SI1', 'VS2', 'VS1', 'VVS2', 'VVS1', 'IF'][clarity] ?? '',
      depth: round(61.7 + 1.4 * draw.normal(), 1),
      table: round(57.5 + 2.2 * draw.normal()),
      price: round(price * Math.exp(0.1 * draw.normal())),
      x: round(6.4 * carat ** (1 / 3) + 0.03 * draw.normal(), 2),
    }
  },
)

const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']
const bank = table(
  'bank',
  ['y', 'auc'],
  2500,
  {
    age: 'number',
    job: 'category',
    default: 'flag',
    balance: 'number',
    housing: 'flag',
    contact: 'category',
    month: 'category',
    duration: 'number',
    campaign: 'number',
    pdays: 'number',
    poutcome: 'category',
  },
  (draw) => {
    const [seconds, before, housing] = [
      round(180 * Math.exp(0.8 * draw.normal())),
      draw.chance(0.18),
      draw.chance(0.55),
    ]
    const success = before && draw.chance(0.2)
    const score = -3.4 + 0.004 * (seconds - 180) + (success ? 2.3 : 0) - (housing ? 0.7 : 0)
    return {
      age: round(clamp(41 + 10 * draw.normal(), 18, 95)),
      job: draw.pick(['admin.', 'technician', 'blue-collar', 'management', 'retired']),
      default: draw.chance(0.02),
      balance: round(1360 + 2500 * draw.normal()),
      housing,
      contact: draw.pick(['cellular', 'telephone', 'unknown']),
      month: months[draw.below(12)] ?? '',
      duration: seconds,
      campaign: 1 + draw.below(6),
      pdays: before ? draw.below(800) : -1,
      poutcome: before ? (success ? 'success' : 'failure') : 'unknown',
      y: draw.chance(sigmoid(score)) ? 'yes' : 'no',
    }
  },
)

const heart = table(
  'heart',
  ['target', 'auc'],
  303,
  {
    age: 'number',
    sex: 'number',
    cp: 'number',
    trestbps: 'number',
    chol: 'number',
    fbs: 'number',
    thalach: 'number',
    exang: 'number',
    oldpeak: 'number',
    ca: 'number',
  },
  (draw) => {
    const sick = draw.chance(0.46)
    const side = sick ? 1 : -1
    return {
      age: round(54 + 2 * side + 9 * draw.normal()),
      sex: draw.chance(sick ? 0.82 : 0.56) ? 1 : 0,
      cp: draw.chance(sick ? 0.75 : 0.25) ? 4 : 1 + draw.below(3),
      trestbps: round(131 + 3 * side + 17 * draw.normal()),
      chol: round(246 + 4 * side + 50 * draw.normal()),
      fbs: draw.chance(0.15) ? 1 : 0,
      thalach: round(149 - 9 * side + 21 * draw.normal()),
      exang: draw.chance(sick ? 0.55 : 0.14) ? 1 : 0,
      oldpeak: round(Math.max(0, 1 + 0.5 * side + draw.normal()), 1),
      ca: draw.chance(0.015) ? null : draw.chance(sick ? 0.65 : 0.2) ? 1 + draw.below(3) : 0,
      target: sick ? 1 : 0,
    }
  },
)

const penguins = table(
  'penguins',
  ['species', 'accuracy'],
  344,
  {
    island: 'category',
    bill_length_mm: 'number',
    bill_depth_mm: 'number',
    flipper_length_mm: 'number',
    body_mass_g: 'number',
    sex: 'category',
  },
  (draw) => {
    const kind = draw.pick([0, 0, 0, 0, 1, 1, 2, 2, 2])
    const [gone, male] = [draw.chance(0.006), draw.chance(0.5)]
    const near = (means: readonly number[], deviation: number, digits = 0) =>
      gone
        ? null
        : round((means[kind] ?? 0) + deviation * draw.normal() + (male ? 0.7 : -0.7) * deviation, digits)
    return {
      species: ['Adelie', 'Chinstrap', 'Gentoo'][kind] ?? '',
      island: draw.pick([['Torgersen', 'Biscoe', 'Dream'], ['Dream'], ['Biscoe']][kind] ?? []),
      bill_length_mm: near([38.8, 48.8, 47.5], 2.2, 1),
      bill_depth_mm: near([18.3, 18.4, 15], 0.8, 1),
      flipper_length_mm: near([190, 196, 217], 5),
      body_mass_g: near([3700, 3730, 5080], 330),
      sex: gone || draw.chance(0.03) ? null : male ? 'male' : 'female',
    }
  },
)

const bikes = table(
  'bikes',
  ['count', 'r2_score'],
  1800,
  {
    datetime: 'date',
    season: 'number',
    holiday: 'number',
    workingday: 'number',
    weather: 'number',
    temp: 'number',
    humidity: 'number',
    windspeed: 'number',
  },
  (draw, i) => {
    const time = new Date(Date.UTC(2011, 0, 1) + i * 9 * 3_600_000)
    const [hour, month, day] = [time.getUTCHours(), time.getUTCMonth(), time.getUTCDay()]
    const temp = round(14 - 10 * Math.cos((2 * Math.PI * (month + 0.5)) / 12) + 3 * draw.normal(), 2)
    const rush = Math.exp(-((hour - 17.5) ** 2) / 8) + 0.7 * Math.exp(-((hour - 8) ** 2) / 4)
    const weather = draw.pick([1, 1, 1, 2, 2, 3])
    const mean =
      (40 + 330 * rush + (hour > 6 ? 60 : 0)) * (0.5 + temp / 30) * (1.15 - 0.15 * weather) * (1 + i / 3600)
    return {
      datetime: time.toISOString().slice(0, 19).replace('T', ' '),
      season: 1 + Math.floor(month / 3),
      holiday: draw.chance(0.03) ? 1 : 0,
      workingday: day % 6 === 0 ? 0 : 1,
      weather,
      temp,
      humidity: round(clamp(62 + 19 * draw.normal(), 10, 100)),
      windspeed: round(Math.abs(12.8 + 8 * draw.normal()), 4),
      count: Math.max(1, round(mean * Math.exp(0.25 * draw.normal()))),
    }
  },
)

const everyday =
  'are you home when will we meet tonight see you later ok call me at lunch thanks love dinner'.split(' ')
const selling = 'win free prize claim now cash urgent reply text winner call mobile offer guaranteed'.split(
  ' ',
)
const messages = table('messages', ['label', 'auc'], 900, { text: 'text' }, (draw) => {
  const spam = draw.chance(0.14)
  const words = Array.from({ length: 6 + draw.below(14) }, () =>
    draw.pick(draw.chance(spam ? 0.45 : 0.03) ? selling : everyday),
  )
  return { label: spam ? 'spam' : 'ham', text: words.join(' ') }
})

const churn = table(
  'churn',
  ['Churn', 'auc'],
  1500,
  {
    customerID: 'id',
    gender: 'category',
    SeniorCitizen: 'number',
    Partner: 'flag',
    tenure: 'number',
    InternetService: 'category',
    Contract: 'category',
    PaperlessBilling: 'flag',
    PaymentMethod: 'category',
    MonthlyCharges: 'number',
    TotalCharges: 'number',
  },
  (draw, i) => {
    const [contract, net, tenure] = [draw.pick([0, 0, 1, 2]), draw.below(3), draw.below(73)]
    const monthly = round(20 + 30 * net + 8 * draw.normal(), 2)
    const score = -0.6 - 1.2 * contract + 0.7 * (net - 1) - 0.03 * (tenure - 24)
    return {
      customerID: `${1000 + ((i * 7919) % 9000)}-${draw.pick(['VHVEG', 'GNVDE', 'QPYBK'])}`,
      gender: draw.pick(['Male', 'Female']),
      SeniorCitizen: draw.chance(0.16) ? 1 : 0,
      Partner: draw.chance(0.5),
      tenure,
      InternetService: ['No', 'DSL', 'Fiber optic'][net] ?? '',
      Contract: ['Month-to-month', 'One year', 'Two year'][contract] ?? '',
      PaperlessBilling: draw.chance(0.6),
      PaymentMethod: draw.pick(['Electronic check', 'Mailed check', 'Bank transfer (automatic)']),
      MonthlyCharges: monthly,
      TotalCharges: tenure === 0 ? null : round(monthly * tenure, 2),
      Churn: draw.chance(sigmoid(score)) ? 'Yes' : 'No',
    }
  },
)

const parts = ['V1', 'V2', 'V3', 'V4', 'V5', 'V6']
const frauds = table(
  'frauds',
  ['Class', 'auc'],
  4000,
  { Time: 'number', ...Object.fromEntries(parts.map((part) => [part, 'number' as const])), Amount: 'number' },
  (draw, i) => {
    const fraud = draw.chance(0.015)
    return {
      Time: i * 40 + draw.below(40),
      ...Object.fromEntries(
        parts.map((part, k) => [
          part,
          round((fraud ? [1.6, -1.4, 1, 0, 0, -0.8][k]! : 0) + draw.normal(), 6),
        ]),
      ),
      Amount: round(Math.exp(3 + 1.4 * draw.normal() + (fraud ? 0.5 : 0)), 2),
      Class: fraud ? 1 : 0,
    }
  },
)

const students = table(
  'students',
  ['G3', 'r2_score'],
  395,
  {
    school: 'category',
    age: 'number',
    Mjob: 'category',
    reason: 'category',
    studytime: 'number',
    failures: 'number',
    higher: 'flag',
    absences: 'number',
    G1: 'number',
    G2: 'number',
  },
  (draw) => {
    const [ability, study, failures] = [draw.normal(), 1 + draw.below(4), draw.pick([0, 0, 0, 0, 1, 2, 3])]
    const grade = () =>
      clamp(Math.round(11 + 2.8 * ability + 0.6 * study - 1.2 * failures + 1.2 * draw.normal()), 0, 20)
    return {
      school: draw.pick(['GP', 'GP', 'MS']),
      age: 15 + draw.below(8),
      Mjob: draw.pick(['at_home', 'health', 'other', 'services', 'teacher']),
      reason: draw.pick(['course', 'home', 'other', 'reputation']),
      studytime: study,
      failures,
      higher: draw.chance(0.9),
      absences: Math.floor(5 * Math.abs(draw.normal())),
      G1: grade(),
      G2: grade(),
      G3: grade(),
    }
  },
)

const mushrooms = table(
  'mushrooms',
  ['class', 'auc'],
  2000,
  {
    'cap-shape': 'category',
    'cap-color': 'category',
    odor: 'category',
    'gill-size': 'category',
    'stalk-root': 'category',
    'veil-type': 'category',
    'spore-print-color': 'category',
  },
  (draw) => {
    const poisonous = draw.chance(0.48)
    const letter = (when: string, otherwise: string) => draw.pick([...(poisonous ? when : otherwise)])
    return {
      class: poisonous ? 'p' : 'e',
      'cap-shape': letter('xxfk', 'xxfb'),
      'cap-color': letter('nygew', 'nygewc'),
      odor: letter('ffffynsnc', 'nnnnalnf'),
      'gill-size': letter('nb', 'bbbn'),
      'stalk-root': draw.chance(0.3) ? null : letter('bbe', 'bcer'),
      'veil-type': 'p',
      'spore-print-color': letter('hhwkn', 'knkwn'),
    }
  },
)

const loans = table(
  'loans',
  ['loan_status', 'accuracy'],
  1200,
  {
    issue_d: 'date',
    loan_amnt: 'number',
    term: 'category',
    grade: 'category',
    emp_title: 'id',
    annual_inc: 'number',
    purpose: 'category',
    dti: 'number',
    zip_code: 'id',
  },
  (draw, i) => {
    const [grade, income, dti] = [
      draw.below(7),
      round(65000 * Math.exp(0.5 * draw.normal())),
      round(clamp(18 + 8 * draw.normal(), 0, 45), 2),
    ]
    const risk = 0.55 * (grade - 3) + 0.06 * (dti - 18) - 0.9 * Math.log(income / 65000) + 0.6 * draw.normal()
    return {
      issue_d: new Date(Date.UTC(2015, 0, 1 + Math.floor(i / 2))).toISOString().slice(0, 10),
      loan_amnt: 1000 * (1 + draw.below(40)),
      term: draw.pick([' 36 months', ' 60 months']),
      grade: 'ABCDEFG'[grade] ?? '',
      emp_title: draw.chance(0.06) ? null : `${draw.pick(['Senior', 'Junior', 'Head'])} ${draw.below(600)}`,
      annual_inc: income,
      purpose: draw.pick(['debt_consolidation', 'credit_card', 'car', 'wedding']),
      dti,
      zip_code: `${100 + draw.below(800)}xx`,
      loan_status: risk > 1.2 ? 'Charged Off' : risk > 0.2 ? 'Late' : 'Fully Paid',
    }
  },
)

export const classicTables: readonly (() => ClassicTable)[] = [
  iris,
  passengers,
  income,
  wine,
  cars,
  housing,
  diamonds,
  bank,
  heart,
  penguins,
  bikes,
  messages,
  churn,
  frauds,
  students,
  mushrooms,
  loans,
]
